import JSON
import MartletTesting
import OAuthTypes
import Testing

@testable import AuthorizationServer

@Suite("Bearer tokens of a request", .spec("RFC 6750 §2"))
struct BearerTokenTests {
    private func read(_ header: String?, form: String? = nil, query: String = "") throws -> String? {
        try BearerToken(
            authorization: header,
            form: try form.map { try FormParameters(decoding: Array($0.utf8)) },
            query: try FormParameters(decoding: Array(query.utf8))
        )?.rawValue
    }

    @Test(.spec("H-16", "U-01"), arguments: ["Bearer abc", "bearer abc", "BEARER abc", "Bearer  abc"])
    func comeByHeader(_ header: String) throws {
        #expect(try read(header) == "abc")
    }

    @Test(.spec("U-07"))
    func comeByForm() throws {
        #expect(try read(nil, form: "access_token=abc") == "abc")
    }

    @Test(.spec("U-02"), arguments: [nil, "", "Basic YTpi", "Token abc"] as [String?])
    func areMissingWithoutAWord(_ header: String?) throws {
        #expect(try read(header) == nil)
        #expect(try read(header, form: "access_token=") == nil)
    }

    @Test(
        .spec("U-05", "U-06"),
        arguments: [
            ("Bearer abc", "access_token=abc", ""), ("Bearer abc", nil, "access_token=abc"),
            (nil, nil, "access_token=abc"),
            (nil, "access_token=abc", "access_token=abc"), (nil, "access_token=a&access_token=b", ""),
            (nil, "access_token=a&access_token=", ""), ("Bearer abc", "access_token=&access_token=b", ""),
            (nil, nil, "access_token=&access_token=b"), ("Bearer", nil, ""), ("Bearer a b", nil, ""),
        ] as [(String?, String?, String)])
    func areRefusedInTheAddressTwiceOrMalformed(_ header: String?, _ form: String?, _ query: String) async {
        #expect(await refusal { try read(header, form: form, query: query) } == .invalidRequest)
    }
}

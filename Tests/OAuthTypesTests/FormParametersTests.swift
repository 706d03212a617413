import MartletTesting
import OAuthTypes
import Testing

@Suite("Forms", .spec("RFC 6749 B", "H-09", "H-10", "H-11", "H-12"))
struct FormParametersTests {
    private func decode(_ text: String) throws -> FormParameters {
        try FormParameters(decoding: Array(text.utf8))
    }

    @Test func decodesWhatBrowsersSend() throws {
        let form = try decode("scope=openid+email&state=%C3%A9%E2%82%AC%26%3D%2B%25&client_id=a=b&&unknown=1")
        #expect(form[.scope] == "openid email")
        #expect(form[.state] == "é€&=+%")
        #expect(form[.clientID] == "a=b")
        #expect(form[Parameter("unknown")] == "1")
        #expect(form.repeated.isEmpty)
    }

    @Test(arguments: ["state=", "state", "&", "", "=x"])
    func takesAnEmptyValueForAbsent(_ text: String) throws {
        #expect(try decode(text)[.state] == nil)
    }

    @Test(arguments: ["state=a&state=b", "state=a&state=a", "state=&state=a", "state=a&state", "st%61te=a&state=b"])
    func reportsARepeatedParameter(_ text: String) throws {
        let form = try decode(text)
        #expect(form.repeated == [.state])
        #expect(throws: OAuthError.self) { try form.requireNoRepetition() }
        #expect(form[.state] != "b")
    }

    @Test(.spec("RFC 8707 §2"), arguments: ["resource", "audience"])
    func takesSomeParametersMoreThanOnce(_ name: String) throws {
        #expect(try decode("\(name)=a&\(name)=b").repeated.isEmpty)
    }

    @Test(arguments: [
        "state=%", "state=%4", "state=%zz", "%=1", "state=%u0041", "state=%C3", "state=%ED%A0%80", "state=%00",
    ])
    func refusesWhatCannotBeDecoded(_ text: String) {
        #expect(throws: FormParameters.DecodingError.self) { try decode(text) }
        #expect(throws: FormParameters.DecodingError.invalidUTF8) { try FormParameters(decoding: [0x61, 0x3D, 0xFF]) }
    }

    @Test func refusesMoreParametersThanItReads() throws {
        let fair = (0..<FormParameters.limit).map { "p\($0)=1" }.joined(separator: "&")
        #expect(try decode(fair)[Parameter("p99")] == "1")
        #expect(throws: FormParameters.DecodingError.tooMany) { try decode(fair + "&more=1") }
        #expect(throws: FormParameters.DecodingError.tooMany) { try decode(String(repeating: "a&", count: 500_000)) }
    }

    @Test(arguments: ["", "a b", "é€𝄞", "&=+%/?#", "\r\n\t", "~-._", "e\u{301}"])
    func givesBackWhatItEncodes(_ text: String) throws {
        let encoded = FormParameters.encode(text)
        #expect(encoded.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        let bytes = Array(encoded.utf8)
        let decoded = try FormParameters.decode(bytes.span)
        #expect(decoded.utf8.elementsEqual(text.utf8))
    }
}

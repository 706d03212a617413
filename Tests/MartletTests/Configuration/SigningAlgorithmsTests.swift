import AuthorizationServer
import JOSE
import Testing

@testable import Martlet

@Suite("What tokens are signed with")
struct SigningAlgorithmsTests {
    /// OpenID Connect Discovery §3: every provider has it, whatever else is named and in whatever order.
    @Test(
        arguments: [
            (nil, [.es256, .rs256]), ("ES256", [.es256, .rs256]), ("RS256 ES256", [.rs256, .es256]),
            ("EdDSA,ES384", [.edDSA, .es384, .rs256]),
        ] as [(String?, [SignatureAlgorithm])])
    func rs256IsAlwaysAmongThem(_ text: String?, _ algorithms: [SignatureAlgorithm]) throws {
        var settings: [String: String] = [:]
        settings["MARTLET_SIGNING_ALGORITHMS"] = text
        #expect(try GivenSettings.serve(settings).common.policy.signingAlgorithms == algorithms)
    }

    @Test(arguments: ["none", "ES256 ES256", "HS256", " , "])
    func aMistakeIsReported(_ text: String) {
        let settings = ["MARTLET_SIGNING_ALGORITHMS": text]
        #expect(GivenSettings.problems(settings).map(\.subject) == ["MARTLET_SIGNING_ALGORITHMS"])
        #expect(GivenSettings.problems(["MARTLET_SIGNING_ALGORITHMS": "ES256"]).isEmpty)
    }
}

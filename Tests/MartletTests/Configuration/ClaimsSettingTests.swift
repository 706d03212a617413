import AuthorizationServer
import Testing

@testable import Martlet

@Suite("Claims of the operator's own, by a file")
struct ClaimsSettingTests {
    @Test func theFileIsRead() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file(
            "claims.json", #"{"claims": [{"claim": "groups", "from": "groups", "in": ["id_token"]}]}"#)
        let configuration = try GivenSettings.serve(["MARTLET_CLAIMS": path])
        #expect(configuration.settings.claims.claims == ["groups"])
        #expect(try GivenSettings.serve([:]).settings.claims == ClaimsMapping())
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"claims": [{"claim": "sub", "value": "x", "in": ["id_token"]}]}"#,
        #"{"claims": [{"claim": "groups", "from": "groups", "in": ["id_token"], "if": "1"}]}"#,
    ])
    func aMistakeIsReported(_ content: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("claims.json", content)
        #expect(GivenSettings.problems(["MARTLET_CLAIMS": path]).map(\.subject) == ["MARTLET_CLAIMS"])
        #expect(GivenSettings.problems(["MARTLET_CLAIMS": path + "x"]).map(\.subject) == ["MARTLET_CLAIMS"])
    }
}

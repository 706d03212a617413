import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing

@Suite("OpenID Connect Discovery", .spec("OpenID Connect Discovery §3"))
struct OpenIDMetadataTests {
    @Test(.spec("D-01"))
    func namesTheClaimsThatTokensHave() async throws {
        let server = try await TestServer()
        let tokens = try await server.redeem(server.authorize([.scope: "openid profile email"]))
        let metadata = ServerMetadata(issuer: server.environment.issuer, scopes: [.openid])
        let supported = Set(try metadata.wire["claims_supported"]?.array?.compactMap(\.string) ?? [])
        let given = try #require(try tokens.idClaims).members.map(\.name)
        #expect(supported.isSuperset(of: given))
        #expect(supported.isSuperset(of: try await server.userInfo(tokens.accessToken).wire.object!.map(\.name)))
    }
}

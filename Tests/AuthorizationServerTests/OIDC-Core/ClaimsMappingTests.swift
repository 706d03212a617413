import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Claims of the operator's own")
struct ClaimsMappingTests {
    private func mapping(_ rules: JSONValue...) throws -> ClaimsMapping {
        try ClaimsMapping(["claims": .array(rules)])
    }

    private func server(_ rules: JSONValue...) async throws -> TestServer {
        var policy = Policy()
        policy.claims = try ClaimsMapping(["claims": .array(rules)])
        let server = try await TestServer(policy: policy)
        for membership in [Membership.group("staff"), .group("math", from: "ldap"), .group("staff", from: "ldap")] {
            #expect(try await server.storage.memberships.add(membership, to: server.user.id))
        }
        #expect(try await server.storage.memberships.add(.role("shop-admin"), to: server.user.id))
        #expect(
            try await server.storage.profiles.replace(
                ProfileDetails(of: server.user.id, [.locality: "Köln"]), at: .noon))
        return server
    }

    @Test func groupsAndRolesAreToldWhereTheRulesSay() async throws {
        let server = try await server(
            ["claim": "groups", "from": "groups", "in": ["id_token", "userinfo"]],
            ["claim": "roles", "from": "roles", "in": ["access_token"], "values": ["shop-admin": "admin", "x": "y"]],
            ["claim": "https://example.com/town", "from": "locality", "in": ["userinfo"]],
            ["claim": "tenant", "value": ["id": 7], "in": ["id_token", "access_token", "userinfo"]])
        let tokens = try await server.redeem(server.authorize([.scope: "openid"]))
        let id = try #require(try tokens.idClaims)
        #expect(id["groups"] == ["math", "staff"] && id["tenant"] == ["id": 7])
        #expect(id["roles"] == nil && id["https://example.com/town"] == nil)
        let access = try tokens.accessClaims
        #expect(access["roles"] == ["admin"] && access["tenant"] == ["id": 7] && access["groups"] == nil)
        let info = try JSONObject(parsing: try await server.userInfo(tokens.accessToken).jsonBytes())
        #expect(
            info == [
                "sub": .string(server.user.id.rawValue), "groups": ["math", "staff"],
                "https://example.com/town": "Köln", "tenant": ["id": 7],
            ])
        // A resource server that asks hears of it too.
        #expect(try await server.introspect(tokens.accessToken)["roles"] == ["admin"])
    }

    @Test func aRuleMayBeForOneClientOrOneScope() async throws {
        let server = try await server(
            ["claim": "groups", "from": "groups", "in": ["id_token"], "clients": ["shop"]],
            ["claim": "roles", "from": "roles", "in": ["id_token"], "scopes": ["orders:read"]])
        let other = try await server.register(.confidential("other"))
        let own = try #require(try await server.redeem(server.authorize([.scope: "openid"])).idClaims)
        #expect(own["groups"] == ["math", "staff"] && own["roles"] == nil)
        let tokens = try await server.redeem(
            server.authorize([.scope: "openid orders:read"], for: other), from: other)
        let theirs = try #require(try tokens.idClaims)
        #expect(theirs["groups"] == nil && theirs["roles"] == ["shop-admin"])
    }

    @Test func whatIsEmptyOrTooLongIsLeftOut() async throws {
        let server = try await server(
            ["claim": "roles", "from": "roles", "in": ["id_token"], "values": ["nobody": "none"]],
            ["claim": "groups", "from": "groups", "in": ["id_token"]],
            ["claim": "country", "from": "country", "in": ["id_token"]])
        let before = try #require(try await server.redeem(server.authorize([.scope: "openid"])).idClaims)
        #expect(before["roles"] == nil && before["country"] == nil && before["groups"] == ["math", "staff"])
        let many = Set((0..<400).map { Membership.group("a group of many, number \($0)") })
        #expect(try await server.storage.memberships.replace(many, of: server.user.id, from: Membership.operator))
        let after = try #require(try await server.redeem(server.authorize([.scope: "openid"])).idClaims)
        #expect(after["groups"] == nil)
    }

    @Test func aClientsOwnTokensTellOfNobody() async throws {
        let server = try await server(["claim": "tenant", "value": "acme", "in": ["access_token"]])
        let token = try await server.token([.grantType: "client_credentials"])
        #expect(try token.accessClaims["tenant"] == nil)
        #expect(try await server.redeem(server.authorize()).accessClaims["tenant"] == "acme")
    }

    @Test(
        arguments: [
            ["claims": [["claim": "sub", "value": "x", "in": ["id_token"]]]],
            ["claims": [["claim": "email", "from": "name", "in": ["userinfo"]]]],
            ["claims": [["claim": "scope", "value": "all", "in": ["access_token"]]]],
            ["claims": [["claim": "", "value": "x", "in": ["id_token"]]]],
            ["claims": [["claim": "name#de", "value": "x", "in": ["id_token"]]]],
            ["claims": [["claim": "x", "from": "shoe_size", "in": ["id_token"]]]],
            ["claims": [["claim": "x", "from": "groups", "value": "y", "in": ["id_token"]]]],
            ["claims": [["claim": "x", "in": ["id_token"]]]], ["claims": [["claim": "x", "value": "y"]]],
            ["claims": [["claim": "x", "value": "y", "in": []]]],
            ["claims": [["claim": "x", "value": "y", "in": ["everywhere"]]]],
            ["claims": [["claim": "x", "value": "y", "in": ["id_token"], "scopes": []]]],
            ["claims": [["claim": "x", "value": "y", "in": ["id_token"], "clients": ["u_1"]]]],
            ["claims": [["claim": "x", "value": "y", "in": ["id_token"], "values": ["a": "b"]]]],
            ["claims": [["claim": "x", "from": "groups", "in": ["id_token"], "values": ["a": 1]]]],
            ["claims": [["claim": "x", "value": "y", "in": ["id_token"], "if": "admin"]]],
            [
                "claims": [
                    ["claim": "x", "value": "y", "in": ["id_token"]],
                    ["claim": "x", "from": "groups", "in": ["id_token", "userinfo"]],
                ]
            ],
            ["claims": ["x"]], ["claims": "x"], [:], ["claims": [], "rules": []],
        ] as [JSONObject])
    func aFileWithAMistakeIsRefused(_ document: JSONObject) {
        #expect(throws: ClaimsMapping.Refusal.self) { try ClaimsMapping(document) }
    }

    @Test func theSameClaimMayBeMadeOfSomethingElseElsewhere() throws {
        let mapping = try mapping(
            ["claim": "x", "value": "y", "in": ["id_token"], "scopes": ["a"]],
            ["claim": "x", "from": "groups", "in": ["userinfo"]])
        #expect(mapping.claims == ["x"])
    }
}

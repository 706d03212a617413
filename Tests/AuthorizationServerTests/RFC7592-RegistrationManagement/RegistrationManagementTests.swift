import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Clients that look after their registration", .spec("RFC 7592", "OpenID Connect Registration §4"))
struct RegistrationManagementTests {
    @Test(.spec("R-17", "R-18"))
    func aClientReadsItsOwnAndNoOther() async throws {
        let bench = try await RegistrationBench()
        let mine = try await bench.register()
        let other = try await bench.register(["client_name": "Other"])
        let id = try #require(mine["client_id"]?.string)
        let token = try #require(mine["registration_access_token"]?.string)
        let answer = try await bench.read(id, token)
        #expect(answer["client_name"]?.string == "App" && answer["client_secret"] == nil)
        #expect(answer["registration_access_token"]?.string == token)
        let wrong = try #require(other["registration_access_token"]?.string)
        for presented in [nil, wrong, "nonsense"] {
            #expect(await refusal { try await bench.read(id, presented) } == .invalidToken)
        }
        #expect(await refusal { try await bench.read("nobody", token) } == .invalidToken)
        // A client that an operator made has no such token.
        #expect(await refusal { try await bench.read("shop", token) } == .invalidToken)
    }

    @Test(.spec("R-19"))
    func whatIsLeftOutFallsBack() async throws {
        let bench = try await RegistrationBench()
        let first = try await bench.register(["contacts": ["it"], "id_token_signed_response_alg": "ES256"])
        let id = try #require(first["client_id"]?.string)
        let token = try #require(first["registration_access_token"]?.string)
        let changes: JSONObject = ["client_id": .string(id), "redirect_uris": ["https://app.example/other"]]
        let answer = try await bench.replace(id, changes, token)
        #expect(answer["redirect_uris"] == ["https://app.example/other"])
        #expect(answer["contacts"] == nil && answer["id_token_signed_response_alg"]?.string == "RS256")
        #expect(answer["client_name"]?.string == id)
        let named = try #require(ClientID(id))
        let kept = try #require(try await bench.server.storage.clients.find(named))
        #expect(kept.secretDigest == TokenDigest(of: try #require(first["client_secret"]?.string)))
        for (name, value) in [
            ("client_id", "other"), ("registration_access_token", .string(token)), ("client_id_issued_at", 1),
            ("client_secret_expires_at", 0), ("registration_client_uri", "x"), ("client_secret", "wrong"),
            ("redirect_uris", ["http://app.example"]),
        ] as [(String, JSONValue)] {
            var bad = changes
            bad[name] = value
            await #expect(throws: RegistrationRefusal.self, "\(name)") { try await bench.replace(id, bad, token) }
        }
        var same = changes
        same["client_secret"] = first["client_secret"]
        _ = try await bench.replace(id, same, token)
    }

    @Test(.spec("R-15", "R-19"))
    func whatTheOperatorSaidOfItStays() async throws {
        let bench = try await RegistrationBench()
        let first = try await bench.register(["martlet_grant_lifetime": 1])
        let id = try #require(first["client_id"]?.string)
        let token = try #require(first["registration_access_token"]?.string)
        let named = try #require(ClientID(id))
        // Every member of ours there is, but for the one that the policy decides.
        let every = try #require(try ClientMetadata.withEveryFieldSet().wire.object)
        var ours = JSONObject()
        for member in every where member.name.hasPrefix("martlet_") && member.name != "martlet_compatibility" {
            ours[member.name] = member.value
        }
        // What is the operator's altogether is no more the client's to change.
        ours["martlet_managed"] = false
        var client = try #require(try await bench.server.storage.clients.find(named))
        #expect(client.metadata.grantLifetime == nil)
        client.metadata = try ClientMetadata(ours)
        #expect(try await bench.server.storage.clients.replace(client))
        let changes: JSONObject = [
            "client_id": .string(id), "redirect_uris": ["https://app.example/other"],
            "martlet_grant_lifetime": 9_999_999, "martlet_refresh_tokens": .null,
        ]
        let answer = try await bench.replace(id, changes, token)
        #expect(answer["redirect_uris"] == ["https://app.example/other"])
        let kept = try #require(try await bench.server.storage.clients.find(named))
        let after = try #require(try kept.metadata.wire.object)
        #expect(ours.count > 4)
        for member in ours { #expect(after[member.name] == member.value, "\(member.name)") }
    }

    @Test(.spec("R-20"))
    func aRemovedClientIsGoneWithItsGrants() async throws {
        let bench = try await RegistrationBench()
        let first = try await bench.register(["token_endpoint_auth_method": "none"])
        let id = try #require(first["client_id"]?.string)
        let token = try #require(first["registration_access_token"]?.string)
        let named = try #require(ClientID(id))
        let client = try #require(try await bench.server.storage.clients.find(named))
        let tokens = try await bench.server.redeem(bench.server.authorize(for: client), from: client)
        _ = try await bench.server.userInfo(tokens.accessToken)
        #expect(await refusal { try await bench.configuration.remove(id, token: nil) } == .invalidToken)
        #expect(try await bench.configuration.remove(id, token: RegistrationBench.bearer(token)).rawValue == id)
        #expect(await refusal { try await bench.server.userInfo(tokens.accessToken) } == .invalidToken)
        #expect(await refusal { try await bench.read(id, token) } == .invalidToken)
        #expect(try await bench.server.environment.clients.find(client.id) == nil)
    }

    @Test(.spec("RFC 7592 §2.2")) func aChangeIsCountedAndOneThatChangesNothingWritesNothing() async throws {
        let bench = try await RegistrationBench()
        let first = try await bench.register()
        let id = try #require(first["client_id"]?.string)
        let text = first["registration_access_token"]?.string
        let token = try RegistrationBench.bearer(text)
        let same = RegistrationBench.sound.patched(with: ["client_id": .string(id)])
        func replace(_ changes: JSONObject, by token: BearerToken?, pause: Duration? = nil) async throws -> String {
            let document = same.patched(with: changes)
            switch try await bench.configuration.replace(id, with: document, token: token, admitting: { _ in pause }) {
            case .changed: return "changed"
            case .unchanged: return "unchanged"
            case .tooMany(let wait): return "\(wait)"
            }
        }
        let version = try await bench.server.storage.versions.current()
        #expect(try await replace([:], by: token) == "unchanged")
        #expect(try await bench.server.storage.versions.current() == version)
        #expect(try await replace(["client_name": "Other"], by: token) == "changed")
        #expect(try await bench.server.storage.versions.current() > version)
        #expect(try await replace(["client_name": "Third"], by: token, pause: .seconds(7)) == "\(Duration.seconds(7))")
        #expect(try await bench.read(id, text)["client_name"]?.string == "Other")
        // A stranger uses nothing up.
        let stranger = try RegistrationBench.bearer("stranger")
        #expect(await refusal { try await replace([:], by: stranger, pause: .seconds(7)) } == .invalidToken)
    }

    @Test(.spec("RFC 7592 §2.2")) func whatAnOperatorTookOverIsTheOperators() async throws {
        let bench = try await RegistrationBench()
        let first = try await bench.register()
        let (id, token) = (
            try #require(first["client_id"]?.string), try #require(first["registration_access_token"]?.string)
        )
        let document = RegistrationBench.sound.patched(with: [
            "client_id": .string(id), "scope": "openid profile email", "martlet_managed": false,
        ])
        func manage(_ managed: Bool) async throws {
            var client = try #require(try await bench.server.storage.clients.find(ClientID(id)!))
            client.scopes = [.openid]
            client.metadata.managed = managed
            #expect(try await bench.server.storage.clients.replace(client))
        }
        try await manage(true)
        #expect(await refusal { try await bench.replace(id, document, token) } == .insufficientScope)
        let kept = try await bench.read(id, token)
        #expect(kept["scope"]?.string == "openid" && kept["martlet_managed"]?.bool == true)
        try await manage(false)
        #expect(try await bench.replace(id, document, token)["scope"]?.string == "openid profile email")
        try await manage(true)
        _ = try await bench.configuration.remove(id, token: RegistrationBench.bearer(token))
        #expect(try await bench.server.storage.clients.find(ClientID(id)!) == nil)
    }
}

import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

/// A server at which clients are registered over HTTP.
struct RegistrationBench {
    let server: TestServer
    let endpoint: RegistrationEndpoint
    let documents: AssertionBench.FakeDocuments
    var configuration: ClientConfigurationEndpoint { ClientConfigurationEndpoint(endpoint) }

    init(_ policy: JSONObject = ["access": "open"]) async throws {
        documents = AssertionBench.FakeDocuments()
        var rules = Policy()
        rules.signingAlgorithms = [.es256, .rs256]
        server = try await TestServer(policy: rules, documents: documents)
        endpoint = RegistrationEndpoint(server.environment, policy: try RegistrationPolicy(policy))
    }

    static let sound: JSONObject = ["redirect_uris": ["https://app.example/cb"], "client_name": "App"]

    static func bearer(_ token: String?) throws -> BearerToken? {
        try BearerToken(authorization: token.map { "Bearer " + $0 }, form: nil, query: FormParameters())
    }

    func register(_ changes: JSONObject = [:], token: String? = nil) async throws -> JSONObject {
        let registered = try await endpoint.register(
            RegistrationBench.sound.patched(with: changes), token: try RegistrationBench.bearer(token))
        return try #require(try registered.wire.object)
    }

    func refusal(_ changes: JSONObject) async -> RegistrationRefusal? {
        do {
            _ = try await register(changes)
            return nil
        } catch { return error as? RegistrationRefusal }
    }

    func read(_ id: String, _ token: String?) async throws -> JSONObject {
        try #require(try await configuration.read(id, token: RegistrationBench.bearer(token)).wire.object)
    }

    func replace(_ id: String, _ members: JSONObject, _ token: String?) async throws -> JSONObject {
        switch try await configuration.replace(id, with: members, token: RegistrationBench.bearer(token)) {
        case .changed(let client), .unchanged(let client): return try #require(try client.wire.object)
        case .tooMany: throw StorageError.conflict(table: "clients")
        }
    }
}

@Suite("Registration of clients", .spec("RFC 7591", "OpenID Connect Registration"))
struct RegistrationTests {
    @Test(.spec("R-01", "R-02"))
    func whatIsNotSaidIsAsTheSpecificationsSay() async throws {
        let bench = try await RegistrationBench()
        let answer = try await bench.register()
        #expect(answer["grant_types"] == ["authorization_code"] && answer["response_types"] == ["code"])
        #expect(answer["token_endpoint_auth_method"]?.string == "client_secret_basic")
        #expect(answer["application_type"]?.string == "web" && answer["subject_type"]?.string == "public")
        #expect(answer["id_token_signed_response_alg"]?.string == "RS256")
        #expect(answer["client_name"]?.string == "App" && answer["client_secret_expires_at"]?.integer == 0)
        #expect(answer["scope"]?.string == "openid profile email")
        let id = try #require(answer["client_id"]?.string)
        let uri = try #require(answer["registration_client_uri"]?.string)
        #expect(uri == "https://id.example/register/" + id)
        // The secret works, at once, and is not kept.
        let secret = try #require(answer["client_secret"]?.string)
        let credentials = try ClientCredentials(
            authorization: "Basic " + Base64.encode(Array("\(id):\(secret)".utf8)), form: FormParameters([:]))
        #expect(try await ClientAuthentication(bench.server.environment).authenticate(credentials).id.rawValue == id)
        let named = try #require(ClientID(id))
        let client = try #require(try await bench.server.storage.clients.find(named))
        #expect(client.secretDigest == TokenDigest(of: secret) && client.sealedSecret == nil)
        #expect(client.party == .third && client.isSelfRegistered)
    }

    @Test(.spec("R-10", "R-15"))
    func whatWasSaidComesBackAndNothingElse() async throws {
        let bench = try await RegistrationBench()
        let answer = try await bench.register([
            "client_name#de": "Anwendung", "contacts": ["it@app.example"], "x_unknown": 1,
            "martlet_compatibility": ["pkce_optional"], "martlet_resources": ["https://id.example"],
            "scope": "openid email orders:read",
        ])
        #expect(answer["client_name#de"]?.string == "Anwendung" && answer["contacts"] == ["it@app.example"])
        #expect(answer["x_unknown"] == nil)
        #expect(answer["martlet_compatibility"] == nil && answer["martlet_resources"] == nil)
        #expect(answer["scope"]?.string == "openid email")
    }

    @Test(arguments: ["client_secret_post", "client_secret_jwt", "none"])
    func aSecretIsThereWhereOneIsNeeded(_ method: String) async throws {
        let bench = try await RegistrationBench()
        let answer = try await bench.register(["token_endpoint_auth_method": .string(method)])
        #expect((answer["client_secret"] != nil) == (method != "none"))
        #expect((answer["client_secret_expires_at"] != nil) == (method != "none"))
        let id = try #require(ClientID(answer["client_id"]?.string ?? ""))
        let client = try #require(try await bench.server.storage.clients.find(id))
        #expect((client.sealedSecret != nil) == (method == "client_secret_jwt"))
        #expect(client.isPublic == (method == "none"))
    }

    @Test(.spec("R-12", "oidcc-3rd_party-init-login", "oidcc-3rd_party-init-login-nohttps"))
    func whereOthersBeginASignInIsHTTPS() async throws {
        let bench = try await RegistrationBench()
        let answer = try await bench.register(["initiate_login_uri": "https://app.example/start"])
        #expect(answer["initiate_login_uri"]?.string == "https://app.example/start")
        let id = try #require(answer["client_id"]?.string)
        let read = try await bench.read(id, answer["registration_access_token"]?.string)
        #expect(read["initiate_login_uri"]?.string == "https://app.example/start")
        let refusal = await bench.refusal(["initiate_login_uri": "http://app.example/start"])
        #expect(refusal?.member == "initiate_login_uri")
    }

    @Test(.spec("R-13"))
    func withoutATokenNobodyRegistersUnlessAllMay() async throws {
        let bench = try await RegistrationBench([:])
        #expect(await refusal { try await bench.register() } == .invalidToken)
        #expect(await refusal { try await bench.register(token: "nonsense") } == .invalidToken)
        let open = try await RegistrationBench()
        #expect(await refusal { try await open.register(token: "nonsense") } == .invalidToken)
        _ = try await open.register()
    }

    @Test(.spec("R-13"))
    func aTokenIsGoodForOneClientOrForMany() async throws {
        let bench = try await RegistrationBench([:])
        let tokens = InitialAccessTokens(bench.server.masterKey)
        let random = SeededRandom(seed: 7)
        let end = bench.server.clock.now + .seconds(3600)
        let once = tokens.make(.once, until: end, random: random)
        // What is refused costs no token.
        await #expect(throws: RegistrationRefusal.self) { try await bench.register(["redirect_uris": []], token: once) }
        _ = try await bench.register(token: once)
        #expect(await refusal { try await bench.register(token: once) } == .invalidToken)
        let often = tokens.make(.often, until: end, random: random)
        for _ in 0..<3 { _ = try await bench.register(token: often) }
        let other = try await TestServer(seed: 2)
        let foreign = InitialAccessTokens(other.masterKey).make(.often, until: end, random: random)
        #expect(await refusal { try await bench.register(token: foreign) } == .invalidToken)
        bench.server.clock.advance(by: .seconds(3600))
        #expect(await refusal { try await bench.register(token: often) } == .invalidToken)
    }

    @Test(
        .spec("R-16"),
        arguments: [
            (["grant_types": ["client_credentials"], "redirect_uris": .null], "grant_types"),
            (["token_endpoint_auth_method": "none"], "token_endpoint_auth_method"),
            (["redirect_uris": ["https://elsewhere.example/cb"]], "redirect_uris"),
            (["response_types": ["code id_token"]], "response_types"),
            (["software_statement": "e30.e30.AA"], "software_statement"),
        ] as [(JSONObject, String)])
    func thePolicyHolds(_ changes: JSONObject, _ member: String) async throws {
        let bench = try await RegistrationBench([
            "access": "open", "token_endpoint_auth_methods": ["client_secret_basic"], "redirect_hosts": ["App.example"],
        ])
        #expect(await bench.refusal(changes)?.member == member)
        #expect(await bench.refusal([:]) == nil)
        // What is not said is judged as well.
        let keys = try await RegistrationBench(["access": "open", "token_endpoint_auth_methods": ["none"]])
        #expect(await keys.refusal([:])?.member == "token_endpoint_auth_method")
        #expect(await keys.refusal(["token_endpoint_auth_method": "none"]) == nil)
    }

    @Test func thePolicyMayLetRulesBeOff() async throws {
        let bench = try await RegistrationBench(["access": "open", "compatibility": ["hybrid", "endpoint_audience"]])
        #expect(await bench.refusal(["response_types": ["code id_token"]]) == nil)
        // Not for a client that wants its requests signed: it would let in what is not.
        let merging = try await RegistrationBench(["access": "open", "compatibility": ["request_merging"]])
        let signed: JSONObject = ["require_signed_request_object": true, "jwks_uri": "https://app.example/jwks"]
        #expect(try await merging.register(signed)["martlet_compatibility"] == nil)
        #expect(try await merging.register()["martlet_compatibility"] == ["request_merging"])
        for policy: JSONObject in [
            ["acces": "open"], ["access": "all"], ["grant_types": ["magic"]], ["scopes": "openid"],
        ] {
            #expect(throws: RegistrationRefusal.self) { try RegistrationPolicy(policy) }
        }
    }

    @Test(.spec("R-08", "oidcc-registration-sector-uri", "oidcc-registration-sector-bad"))
    func aSectorListsEveryRedirectURI() async throws {
        let bench = try await RegistrationBench()
        let members: JSONObject = [
            "redirect_uris": ["https://a.example/cb", "https://b.example/cb"], "subject_type": "pairwise",
            "sector_identifier_uri": "https://a.example/sector",
        ]
        #expect(await bench.refusal(members)?.member == "sector_identifier_uri")
        for text in ["{}", #"["https://a.example/cb"]"#, #"["https://a.example/cb","https://b.example/cb/"]"#] {
            bench.documents.serve(text)
            #expect(await bench.refusal(members)?.member == "sector_identifier_uri")
        }
        bench.documents.serve(#"["https://b.example/cb","https://a.example/cb","https://c.example/"]"#)
        #expect(await bench.refusal(members) == nil)
        #expect(Set(bench.documents.asked) == ["https://a.example/sector"])
    }
}

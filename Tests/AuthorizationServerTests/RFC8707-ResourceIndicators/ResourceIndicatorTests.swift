import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Resource indicators", .spec("RFC 8707"))
struct ResourceIndicatorTests {
    private static let orders = "https://orders.example"
    private static let stock = "https://stock.example"
    private static let opaque = "https://opaque.example"

    /// A server with three resources: two with JWTs, one with opaque tokens that other clients may not ask for.
    private func server() async throws -> TestServer {
        let server = try await TestServer()
        try await server.configure(.withNothingOptional(Self.orders, scopes: "orders:read orders:write"))
        var stock = Resource.withNothingOptional(Self.stock, scopes: "orders:write stock:read")
        stock.tokenLifetime = 120
        try await server.configure(stock)
        var opaque = Resource.withNothingOptional(Self.opaque, scopes: "orders:read", format: .opaque)
        opaque.clients = [server.client.id]
        try await server.configure(opaque)
        return server
    }

    private let scope = "openid orders:read orders:write"

    // MARK: The authorization endpoint

    @Test(
        .spec("A-55", "RFC 8707 §2"),
        arguments: [
            "orders", "/orders", "https://orders.example/#part", "https://nobody.example", "https://orders.example/",
        ])
    func whatIsNoResourceOfOursIsRefused(_ resource: String) async throws {
        let server = try await server()
        let answer = try await server.authorization([.scope: scope], resources: [resource])
        #expect(answer.failure?.code == .invalidTarget)
        #expect(try await server.authorization([.scope: scope], resources: [Self.orders]).failure == nil)
    }

    @Test(.spec("A-55")) func aResourceIsForItsClientsOnly() async throws {
        let server = try await server()
        let other = try await server.register(.confidential("other"))
        let refused = try await server.authorization([.scope: scope], resources: [Self.opaque], for: other)
        #expect(refused.failure?.code == .invalidTarget)
        #expect(try await server.authorization([.scope: scope], resources: [Self.opaque]).failure == nil)
        #expect(
            await refusal {
                try await server.token([.grantType: "client_credentials"], for: [Self.opaque], from: other)
            } == .invalidTarget)
        _ = try await server.token([.grantType: "client_credentials"], for: [Self.opaque])
    }

    @Test func someScopeMustMeanSomethingThere() async throws {
        let server = try await server()
        let refused = try await server.authorization([.scope: "openid profile"], resources: [Self.orders])
        #expect(refused.failure?.code == .invalidScope)
        // A resource without scopes asks for none.
        try await server.configure(.withNothingOptional("urn:example:any"))
        let tokens = try await server.redeem(
            server.authorize([.scope: "openid profile"], resources: ["urn:example:any"]))
        #expect(tokens.scope.isEmpty)
        #expect(try tokens.accessClaims.audience == ["urn:example:any"])
    }

    @Test(.spec("A-55", "T-54")) func oneResourceBringsInNoOther() async throws {
        let server = try await server()
        // This server, UserInfo and a resource without scopes take whatever there is; the orders have no part in it.
        try await server.configure(.withNothingOptional("urn:example:any"))
        for other in ["https://id.example", "https://id.example/userinfo", "urn:example:any", Self.orders] {
            let refused = try await server.authorization([.scope: "openid"], resources: [other, Self.stock])
            #expect(refused.failure?.code == .invalidScope, "\(other)")
        }
        let code = try await server.authorize(
            [.scope: "openid orders:read orders:write"], resources: ["https://id.example", Self.orders, Self.stock])
        let tokens = try await server.redeem(code)
        #expect(try tokens.accessClaims.audience == [Self.orders, Self.stock])
        // With fewer scopes it is for fewer resources: refused where they are named, left out where they are not.
        let form: [Parameter: String] = [
            .grantType: "refresh_token", .refreshToken: try #require(tokens.refreshToken), .scope: "openid orders:read",
        ]
        #expect(
            await refusal { try await server.token(form, for: ["https://id.example", Self.stock]) } == .invalidScope)
        let narrow = try await server.token(form)
        #expect(try narrow.accessClaims.audience == [Self.orders])
        // Nor does a client for itself.
        let own: [Parameter: String] = [.grantType: "client_credentials", .scope: "orders:read"]
        #expect(await refusal { try await server.token(own, for: [Self.orders, Self.stock]) } == .invalidScope)
        #expect(try await server.token(own, for: [Self.orders]).accessClaims.audience == [Self.orders])
    }

    @Test func moreThanTenAreTooMany() async throws {
        let server = try await server()
        let many = (0..<11).map { "urn:example:\($0)" }
        for resource in many { try await server.configure(.withNothingOptional(resource)) }
        #expect(try await server.authorization(resources: many).failure?.code == .invalidTarget)
        #expect(try await server.authorization(resources: Array(many.dropLast())).failure == nil)
    }

    @Test(.spec("RFC 8707 §2.1")) func peopleAllowAResource() async throws {
        let server = try await server()
        let browser = try await server.signIn()
        _ = try await server.authorize([.scope: scope], in: browser)
        // The scopes are known by now, the resource is not.
        guard
            case .interact(let id, _) = try await server.decide(
                [.scope: scope], resources: [Self.orders], from: browser)
        else {
            Issue.record("nobody is asked about a resource")
            return
        }
        let step = try await Interactions(server.environment).step(of: id, from: browser)
        guard case .consent(_, _, let new) = step else {
            Issue.record("no consent page but \(step)")
            return
        }
        #expect(new.compactMap(\.resource?.rawValue) == [Self.orders])
        // Nobody is asked about this server.
        let own = try await server.decide([.scope: scope], resources: ["https://id.example"], from: browser)
        #expect(own.answer?.failure == nil && own.answer?[.code] != nil)
        _ = try await Interactions(server.environment).decide(.allow, on: id, from: browser)
        let decision = try await server.decide([.scope: scope], resources: [Self.orders], from: browser)
        #expect(decision.answer?.failure == nil && decision.answer?[.code] != nil)
    }

    // MARK: The token endpoint

    @Test(.spec("J-18", "RFC 9068 §3")) func withoutAResourceATokenIsForThisServer() async throws {
        let server = try await server()
        let tokens = try await server.redeem(server.authorize([.scope: scope]))
        #expect(try tokens.accessClaims.audience == ["https://id.example"])
        #expect(tokens.scope.description == scope)
        _ = try await server.userInfo(tokens.accessToken)
    }

    @Test(.spec("RFC 8707 §2.2")) func aTokenIsForItsResourceWithItsScopes() async throws {
        let server = try await server()
        let tokens = try await server.redeem(server.authorize([.scope: scope], resources: [Self.orders]))
        let claims = try tokens.accessClaims
        #expect(claims.audience == [Self.orders] && claims["aud"]?.string == Self.orders)
        #expect(claims["scope"]?.string == "orders:read orders:write")
        // Told, since it differs from what was asked for (RFC 6749 §3.3).
        #expect(tokens.scope.description == "orders:read orders:write")
        // The sign-in is one all the same.
        #expect(tokens.idToken != nil)
        // It is not for us.
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
    }

    @Test(.spec("T-54", "RFC 8707 §2.2")) func aTokenRequestNarrowsWhatWasGranted() async throws {
        let server = try await server()
        let code = try await server.authorize([.scope: scope], resources: [Self.orders, Self.stock])
        let form: [Parameter: String] = [
            .grantType: "authorization_code", .code: code, .codeVerifier: TestServer.verifier,
        ]
        #expect(await refusal { try await server.token(form, for: [Self.opaque]) } == .invalidTarget)
        #expect(await refusal { try await server.token(form, for: ["https://id.example"]) } == .invalidTarget)
        let first = try await server.token(form, for: [Self.stock])
        #expect(try first.accessClaims.audience == [Self.stock])
        #expect(first.scope.description == "orders:write")
        #expect(first.expiresIn == 120)
        // Refused before anything is spent.
        let refresh: [Parameter: String] = [
            .grantType: "refresh_token", .refreshToken: try #require(first.refreshToken),
        ]
        #expect(await refusal { try await server.token(refresh, for: [Self.opaque]) } == .invalidTarget)
        let second = try await server.token(refresh, for: [Self.orders])
        #expect(try second.accessClaims.audience == [Self.orders])
        let third = try await server.refresh(second.refreshToken)
        #expect(try third.accessClaims.audience == [Self.orders, Self.stock])
        #expect(third.scope.description == "orders:read orders:write" && third.expiresIn == 120)
        let fourth = try await server.token(
            [.grantType: "refresh_token", .refreshToken: try #require(third.refreshToken), .scope: "orders:read"],
            for: [Self.orders])
        #expect(fourth.scope.description == "orders:read")
    }

    @Test func aGrantWithoutResourcesIsForThisServerOnly() async throws {
        let server = try await server()
        let tokens = try await server.redeem(server.authorize([.scope: scope]))
        let form: [Parameter: String] = [.grantType: "refresh_token", .refreshToken: try #require(tokens.refreshToken)]
        #expect(await refusal { try await server.token(form, for: [Self.orders]) } == .invalidTarget)
        let next = try await server.token(form, for: ["https://id.example"])
        #expect(try next.accessClaims.audience == ["https://id.example"])
        // UserInfo alone is less than that.
        let last = try await server.token(
            [.grantType: "refresh_token", .refreshToken: try #require(next.refreshToken)],
            for: ["https://id.example/userinfo"])
        #expect(try last.accessClaims.audience == ["https://id.example/userinfo"] && last.scope.description == "openid")
    }

    @Test(.spec("RFC 7662 §2.2", "RFC 8707 §3")) func ofATokenForSeveralEachSeesItsScopes() async throws {
        let server = try await server()
        func api(_ id: String, _ resources: [String]) async throws -> Client {
            var client = Client.confidential(id, grantTypes: [.clientCredentials])
            client.metadata = try ClientMetadata(["martlet_resources": .array(resources.map { .string($0) })])
            return try await server.register(client)
        }
        let (orders, stock) = (try await api("orders", [Self.orders]), try await api("stock", [Self.stock]))
        let both = try await api("both", [Self.orders, Self.stock])
        let token = try await server.redeem(
            server.authorize([.scope: scope], resources: [Self.orders, Self.stock])
        ).accessToken
        func seen(_ client: Client? = nil) async throws -> String? {
            let answer = try await server.introspect(token, from: client ?? server.client)
            #expect(answer["active"]?.bool == true && answer["aud"] == [.string(Self.orders), .string(Self.stock)])
            return answer["scope"]?.string
        }
        #expect(try await seen(orders) == "orders:read orders:write")
        #expect(try await seen(stock) == "orders:write")
        #expect(try await seen(both) == "orders:read orders:write")
        #expect(try await seen() == "orders:read orders:write")
        // Of a resource that is gone nothing is left to see.
        _ = try await server.storage.resources.remove(ResourceIdentifier(Self.stock)!)
        server.environment.clients.forget()
        #expect(try await seen(stock) == nil)
        #expect(try await seen(both) == "orders:read orders:write")
    }

    @Test func thisServerIsAResourceToo() async throws {
        let server = try await server()
        let both = ["https://id.example", Self.orders]
        let tokens = try await server.redeem(server.authorize([.scope: scope], resources: both))
        // Whoever else gets to see a token could show it here: it is for them or for us.
        #expect(try tokens.accessClaims.audience == [Self.orders])
        #expect(tokens.scope.description == "orders:read orders:write")
        #expect(await refusal { try await server.userInfo(tokens.accessToken) } == .invalidToken)
        let form: [Parameter: String] = [.grantType: "refresh_token", .refreshToken: try #require(tokens.refreshToken)]
        #expect(await refusal { try await server.token(form, for: both) } == .invalidTarget)
        let own = try await server.token(form, for: ["https://id.example"])
        #expect(try own.accessClaims.audience == ["https://id.example"] && own.scope.description == scope)
        _ = try await server.userInfo(own.accessToken)
        let machine: [Parameter: String] = [.grantType: "client_credentials"]
        #expect(await refusal { try await server.token(machine, for: both) } == .invalidTarget)
        _ = try await server.token(machine, for: ["https://id.example"])
    }

    @Test func anotherResourceIsAnotherRequest() async throws {
        let server = try await server()
        let tokens = try await server.redeem(
            server.authorize([.scope: scope], resources: [Self.orders, Self.stock]))
        let form: [Parameter: String] = [.grantType: "refresh_token", .refreshToken: try #require(tokens.refreshToken)]
        let first = try await server.token(form, for: [Self.orders])
        // The retry of the same request gets the same successor; with another resource it is no retry.
        let again = try await server.token(form, for: [Self.orders])
        #expect(first.refreshToken == again.refreshToken)
        #expect(await refusal { try await server.token(form, for: [Self.stock]) } == .invalidGrant)
        #expect(await refusal { try await server.refresh(again.refreshToken) } == .invalidGrant)
    }

    @Test func tokensOfTwoKindsAreAskedForOneByOne() async throws {
        let server = try await server()
        let both = [Self.orders, Self.opaque]
        let tokens = try await server.redeem(server.authorize([.scope: scope], resources: both))
        // Where nothing is named it is for what goes with the first.
        #expect(try tokens.accessClaims.audience == [Self.orders])
        let form: [Parameter: String] = [.grantType: "refresh_token", .refreshToken: try #require(tokens.refreshToken)]
        #expect(await refusal { try await server.token(form, for: both) } == .invalidTarget)
        let opaque = try await server.token(form, for: [Self.opaque])
        #expect(!opaque.accessToken.contains("."))
    }

    @Test(.spec("RFC 8707 §2.2")) func aClientAsksForItself() async throws {
        let server = try await server()
        let form: [Parameter: String] = [.grantType: "client_credentials"]
        let own = try await server.token(form)
        #expect(try own.accessClaims.audience == ["https://id.example"])
        let one = try await server.token(form, for: [Self.stock])
        #expect(try one.accessClaims.audience == [Self.stock])
        #expect(one.scope.description == "orders:write" && one.expiresIn == 120)
        let two = try await server.token(form, for: [Self.orders, Self.stock, Self.orders])
        #expect(try two.accessClaims.audience == [Self.orders, Self.stock])
        #expect(await refusal { try await server.token(form, for: ["orders"]) } == .invalidTarget)
        var named = form
        named[.scope] = "orders:read"
        #expect(await refusal { try await server.token(named, for: [Self.stock]) } == .invalidScope)
    }

    @Test func aResourceHasItsAlgorithm() async throws {
        let server = try await TestServer(policy: .signing(.es256, .rs256))
        var resource = Resource.withNothingOptional(Self.orders, scopes: "orders:read")
        resource.algorithm = .rs256
        try await server.configure(resource)
        let form: [Parameter: String] = [.grantType: "client_credentials", .scope: "orders:read"]
        let token = try await server.token(form, for: [Self.orders]).accessToken
        #expect(try CompactJWS(parsing: token).header.algorithm == "RS256")
        let other = try await server.token(form).accessToken
        #expect(try CompactJWS(parsing: other).header.algorithm == "ES256")
    }

    @Test func aGrantEndsWithTheShortestOfItsResources() async throws {
        let server = try await server()
        var orders = Resource.withNothingOptional(Self.orders, scopes: "orders:read")
        orders.grantLifetime = 3600
        try await server.configure(orders)
        let short = try await server.redeem(server.authorize([.scope: scope], resources: [Self.orders, Self.stock]))
        let long = try await server.redeem(server.authorize([.scope: scope], resources: [Self.stock]))
        server.clock.advance(by: .seconds(3600))
        #expect(await refusal { try await server.refresh(short.refreshToken) } == .invalidGrant)
        _ = try await server.refresh(long.refreshToken)
    }

    @Test func whatIsNoMoreIsNotRefreshed() async throws {
        let server = try await server()
        let tokens = try await server.redeem(server.authorize([.scope: scope], resources: [Self.orders]))
        _ = try await server.storage.resources.remove(ResourceIdentifier(Self.orders)!)
        server.environment.clients.forget()
        #expect(await refusal { try await server.refresh(tokens.refreshToken) } == .invalidTarget)
        // Nor is the token spent: however late, it is good for a resource that has come back.
        server.clock.advance(by: .seconds(60))
        try await server.configure(.withNothingOptional(Self.orders, scopes: "orders:read"))
        let next = try await server.refresh(tokens.refreshToken)
        #expect(try next.accessClaims.audience == [Self.orders])
        _ = try await server.refresh(next.refreshToken)
    }
}

extension Policy {
    fileprivate static func signing(_ algorithms: SignatureAlgorithm...) -> Policy {
        var policy = Policy()
        policy.signingAlgorithms = algorithms
        return policy
    }
}

import AuthorizationServer
import Foundation
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

/// One run of a module of the OpenID Foundation's conformance suite, as far as it can be had in one process: a relying
/// party that behaves as the suite's does and looks at everything that the suite looks at silently.
///
/// The suite's warnings are failures here.
struct ConformanceRun {
    /// How answers come back, and what is in them: the plans for Basic, Hybrid and Form Post, which repeats the other two,
    /// differ in nothing else.
    enum Plan: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case basic, formPost, hybrid, hybridFormPost
        var testDescription: String { rawValue }
        var isPosted: Bool { self == .formPost || self == .hybridFormPost }
        /// `code id_token`, of a client whose profile has it.
        var isHybrid: Bool { self == .hybrid || self == .hybridFormPost }
        var responseMode: String? { isPosted ? "form_post" : nil }
        var responseType: String { isHybrid ? "code id_token" : "code" }

        /// Those of the code flow alone: what they run, the hybrid ones have not.
        static let code: [Plan] = [.basic, .formPost]
        static let hybrids: [Plan] = [.hybrid, .hybridFormPost]
    }

    let test: TestSite
    let browser: TestBrowser
    let plan: Plan
    /// The client's identifier.
    var client = "suite"

    /// A provider with a person who has a value for every standard claim, and a client as the plan registers it.
    ///
    /// `registration` is where the suite registers its clients itself, and `documents` what it serves.
    init(
        _ plan: Plan = .basic, registration: RegistrationPolicy? = nil,
        documents: any RemoteDocuments = NoRemoteDocuments(), policy change: (inout Policy) -> Void = { _ in }
    ) async throws {
        self.plan = plan
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .rs256]
        policy.takesEncryptedRequests = true
        change(&policy)
        test = try await TestSite(
            policy: policy, scopes: TestSite.everyScope.union([.offlineAccess]), registration: registration,
            documents: documents)
        browser = TestBrowser(test)
        let values: [ProfileDetails.Field: String] = [
            .givenName: "Ada", .familyName: "Lovelace", .middleName: "King", .nickname: "Al",
            .preferredUsername: "ada", .profile: "https://ada.example/", .picture: "https://ada.example/me.png",
            .website: "https://ada.example/site", .gender: "female", .birthdate: "1815-12-10",
            .zoneinfo: "Europe/London", .locale: "en-GB", .phoneNumber: "+442079460000",
            .streetAddress: "12 St James's Square", .locality: "London", .region: "England",
            .postalCode: "SW1Y 4JH", .country: "UK",
        ]
        #expect(
            try await test.environment.storage.profiles.replace(
                ProfileDetails(of: test.user.id, values), at: test.clock.now))
        for (id, secret) in [
            ("suite", ConformanceRun.secret), ("suite-2", "another secret of thirty-two bytes or more"),
        ] {
            #expect(
                try await test.environment.storage.clients.insert(
                    ConformanceRun.client(id, secret, plan, test.clock.now)))
        }
        test.environment.clients.forget()
        try await test.site.reload()
    }

    static let secret = "secret of the suite with thirty-two bytes or more"
    static let callback = "https://suite.example/test/callback"

    private static func client(_ id: String, _ secret: String, _ plan: Plan, _ now: Timestamp) throws -> Client {
        var metadata = ClientMetadata()
        // What the plans need and our defaults forbid: requests without PKCE, and RS256 for whoever names no algorithm.
        metadata.compatibility = [.pkceOptional]
        metadata.idTokenSignedResponseAlg = .rs256
        if plan.isHybrid {
            metadata.compatibility.insert(.hybrid)
            metadata.responseTypes = [.codeIDToken]
        }
        return Client(
            id: try #require(ClientID(id)), name: "Conformance suite", secretDigest: TokenDigest(of: secret),
            authenticationMethods: [.clientSecretBasic, .clientSecretPost],
            redirectURIs: [try RedirectURI(registering: callback)],
            postLogoutRedirectURIs: [try RedirectURI(registering: "https://suite.example/test/logged-out")],
            grantTypes: [.authorizationCode, .refreshToken],
            scopes: TestSite.everyScope.union([.offlineAccess]), party: .third, createdAt: now, metadata: metadata)
    }

    /// Registers the client anew, with something changed.
    func change(_ body: (inout Client) throws -> Void) async throws {
        let store = test.environment.storage.clients
        var client = try #require(try await store.find(ClientID("suite")!))
        try body(&client)
        #expect(try await store.remove(client.id))
        #expect(try await store.insert(client))
        test.environment.clients.forget()
    }

    // MARK: Authorization

    /// The address of a request as the suite makes it: state, nonce and no PKCE; nil takes a parameter out.
    func request(_ changes: [String: String?] = [:]) -> String {
        var parameters: [String: String?] = [
            "client_id": client, "response_type": plan.responseType, "redirect_uri": ConformanceRun.callback,
            "scope": "openid", "state": "state 1~", "nonce": "nonce-1", "response_mode": plan.responseMode,
        ]
        for (name, value) in changes { parameters[name] = value }
        let query = parameters.compactMap { name, value in value.map { "\(name)=\(FormParameters.encode($0))" } }
        return "/authorize?" + query.sorted().joined(separator: "&")
    }

    /// What the person does: signs in where a page asks for it, and allows what is asked.
    func act(_ first: Page) async -> Page {
        var page = await browser.follow(first)
        if page.text.contains("id=\"password\"") {
            page = await browser.follow(
                browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
        }
        if page.text.contains("id=\"allow\"") { page = await browser.submit(page, ["decision": "allow"]) }
        return page
    }

    /// The answer to a request, seen as the suite's callback sees it.
    func authorize(_ changes: [String: String?] = [:]) async throws -> FormParameters {
        try callback(await act(await browser.get(request(changes))), changes)
    }

    /// Reads an answer and checks what the suite checks of each.
    func callback(_ page: Page, _ changes: [String: String?] = [:]) throws -> FormParameters {
        let answer: FormParameters
        if plan.isPosted {
            #expect(page.status == 200 && page.location == nil)
            #expect(page.formAction == ConformanceRun.callback)
            #expect(page.response.headers["Cache-Control"] == "no-store")
            // It works without a script: a button sends it.
            #expect(
                page.text.contains("<form id=\"form-post\" method=\"post\"") && page.text.contains("id=\"continue\""))
            // The page has a form to choose a language as well.
            let start = try #require(page.text.firstRange(of: "<form id=\"form-post\"")).upperBound
            let rest = page.text[start...]
            let form = rest[..<(try #require(rest.firstRange(of: "</form>")).lowerBound)]
            let fields = page.hiddenFields.filter { form.contains("name=\"\($0.key)\"") }
            answer = FormParameters(
                Dictionary(uniqueKeysWithValues: fields.map { (Parameter($0.key), $0.value) }))
        } else {
            #expect(page.status == 303)
            let location = try #require(page.location)
            // Multiple Response Types §5: nothing of a hybrid answer is in the query; before the type is known, all is.
            let isFragment = plan.isHybrid && !changes.keys.contains("response_type")
            #expect(location.hasPrefix(ConformanceRun.callback + (isFragment ? "#" : "?")))
            #expect(location.contains("#") == isFragment)
            let parts = location.split(separator: isFragment ? "#" : "?", maxSplits: 1)
            answer = try FormParameters(decoding: Array(try #require(parts.last).utf8))
        }
        let isError = answer[.error] != nil
        let known: Set<String> =
            isError
            ? ["error", "error_description", "error_uri", "state", "iss", "session_state"]
            : ["code", "state", "iss", "session_state", "id_token"]
        #expect(Set(answer.names.map(\.rawValue)).isSubset(of: known))
        #expect(answer[.state] == (changes.keys.contains("state") ? changes["state"] ?? nil : "state 1~"))
        #expect(answer[.issuer] == "https://id.example")
        if let text = answer[.errorDescription] {
            #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        }
        if let code = answer[.code] { #expect(ConformanceRun.isUnguessable(code)) }
        #expect((answer[.idToken] != nil) == (plan.isHybrid && !isError))
        if let token = answer[.idToken], let code = answer[.code] { try frontChannel(token, code) }
        return answer
    }

    /// Core §3.3.2.11: an ID token beside a code vouches for it.
    private func frontChannel(_ token: String, _ code: String) throws {
        let header = try UnverifiedJWT(parsing: token).header
        let claims = try VerifiedJWT(
            token, signedBy: try #require(test.environment.keys.published),
            as: JWTExpectation(
                type: .exactly(.jwt), issuer: .exactly("https://id.example"), audience: .contains(client),
                now: test.clock.now.seconds, leeway: 0)
        ).claims
        let algorithm = try #require(SignatureAlgorithm(rawValue: header.algorithm))
        #expect(claims["c_hash"]?.string == algorithm.leftHalf(ofHashOf: code))
        #expect(claims["nonce"]?.string?.isEmpty == false && header.keyID != nil)
        let known: Set<String> = [
            "iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "acr", "amr", "sid", "azp", "jti", "c_hash",
            "s_hash",
        ]
        #expect(Set(claims.members.map(\.name)).isSubset(of: known))
    }

    /// The page that a request ends on without going back: an error page, or one of the sign-in.
    func staysHere(_ page: Page) {
        #expect(page.location == nil && page.status == 400)
        #expect(page.text.contains("id=\"error\""))
        #expect(page.formAction == nil)
    }

    // MARK: Tokens

    struct Tokens {
        let answer: JSONValue
        let claims: JWTClaims
        let header: JOSEHeader
        var accessToken: String { answer["access_token"]?.string ?? "" }
        var refreshToken: String { answer["refresh_token"]?.string ?? "" }
        var idToken: String { answer["id_token"]?.string ?? "" }
        func time(_ name: String) -> Int64 { claims[name]?.integer ?? 0 }
    }

    /// What the token endpoint says to the suite.
    func token(_ fields: [String: String], as client: String = "suite", byPost: Bool = false) async -> Page {
        let secret = client == "suite" ? ConformanceRun.secret : "another secret of thirty-two bytes or more"
        guard !byPost else {
            return await test.token(
                fields.merging(["client_id": client, "client_secret": secret]) { $1 }, proof: .none)
        }
        // RFC 6749 §2.3.1: both parts are encoded as forms are.
        let pair = "\(FormParameters.encode(client)):\(FormParameters.encode(secret))"
        return await test.token(fields, proof: .header("Basic " + Base64.encode(Array(pair.utf8))))
    }

    func redeem(
        _ code: String, nonce: String? = "nonce-1", more: [String: String] = [:], byPost: Bool = false
    ) async throws -> Tokens {
        let fields = ["grant_type": "authorization_code", "code": code, "redirect_uri": ConformanceRun.callback]
        let page = await token(fields.merging(more) { $1 }, byPost: byPost)
        return try tokens(page, nonce: nonce)
    }

    /// Reads an answer with tokens and checks what the suite checks of each.
    func tokens(_ page: Page, nonce: String? = nil) throws -> Tokens {
        #expect(page.status == 200)
        #expect(page.response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        #expect(page.response.headers["Cache-Control"]?.contains("no-store") == true)
        let answer = page.json
        #expect(answer["token_type"]?.string?.lowercased() == "bearer")
        #expect((1..<31_536_000).contains(answer["expires_in"]?.integer ?? 0))
        #expect(ConformanceRun.isUnguessable(answer["access_token"]?.string ?? ""))
        if let token = answer["refresh_token"]?.string { #expect(ConformanceRun.isUnguessable(token)) }
        let idToken = try #require(answer["id_token"]?.string)
        let keys = try #require(test.environment.keys.published)
        let now = test.clock.now.seconds
        let verified = try VerifiedJWT(
            idToken, signedBy: keys,
            as: JWTExpectation(
                type: .exactly(.jwt), issuer: .exactly("https://id.example"), audience: .contains(client), now: now,
                leeway: 0))
        let unverified = try UnverifiedJWT(parsing: idToken)
        let claims = verified.claims
        #expect(unverified.header.keyID != nil)
        #expect(abs(now - (claims.issuedAt ?? 0)) <= 300)
        #expect(claims["auth_time"].map { ($0.integer ?? .max) <= now } ?? true)
        #expect(claims["acr"].map { $0.string?.isEmpty == false } ?? true)
        #expect(claims["nonce"]?.string == nonce)
        // Claims of the scopes belong to the UserInfo endpoint, and what nobody asked for is nowhere.
        let known: Set<String> = [
            "iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "acr", "amr", "sid", "azp", "jti", "at_hash",
        ]
        #expect(Set(claims.members.map(\.name)).isSubset(of: known))
        return Tokens(answer: answer, claims: claims, header: unverified.header)
    }

    // MARK: UserInfo

    enum Way { case get, postHeader, postBody }

    func userInfo(_ tokens: Tokens, by way: Way = .get) async throws -> JSONValue {
        let bearer: Headers = ["Authorization": "Bearer \(tokens.accessToken)"]
        let page: Page
        switch way {
        case .get: page = await test.userInfo(tokens.accessToken)
        case .postHeader: page = await TestBrowser(test).post("/userinfo", [:], headers: bearer)
        case .postBody: page = await TestBrowser(test).post("/userinfo", ["access_token": tokens.accessToken])
        }
        #expect(page.status == 200)
        #expect(page.response.headers["Content-Type"]?.hasPrefix("application/json") == true)
        #expect(page.json["sub"]?.string == tokens.claims.subject)
        let types: [(String, (JSONValue) -> Bool)] = [
            ("email_verified", { $0.bool != nil }), ("phone_number_verified", { $0.bool != nil }),
            ("updated_at", { $0.integer != nil }), ("address", { $0.object?.isEmpty == false }),
        ]
        for member in page.json.object ?? [:] {
            let isTyped = types.first { $0.0 == member.name }?.1 ?? { $0.string?.isEmpty == false }
            #expect(isTyped(member.value), "\(member.name)")
        }
        return page.json
    }

    /// The whole way, as most modules go it.
    func signIn(_ changes: [String: String?] = [:]) async throws -> Tokens {
        let answer = try await authorize(changes)
        return try await redeem(
            try #require(answer[.code]), nonce: changes.keys.contains("nonce") ? changes["nonce"] ?? nil : "nonce-1")
    }

    /// At least 128 bits long, and more than 96 bits of Shannon entropy as the suite measures it over the text.
    static func isUnguessable(_ text: String) -> Bool {
        var counts: [UInt8: Double] = [:]
        for byte in text.utf8 { counts[byte, default: 0] += 1 }
        let length = Double(text.utf8.count)
        let bits = counts.values.reduce(0) { $0 - $1 / length * log2($1 / length) } * length
        return length * 8 >= 128 && bits > 96
    }
}

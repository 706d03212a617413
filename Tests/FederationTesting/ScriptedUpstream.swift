public import Federation
public import HTTP
public import JOSE
public import JSON
public import OAuthTypes
import Reactor

/// A provider that does what OpenID Connect says, until it is told to misbehave: in memory, without a network.
///
/// It answers what the real client would: an answer over the bound of the request, or one that does not come, is an
/// error here too.
public final class ScriptedUpstream: UpstreamTransport {
    /// `iss`; every address of it is below.
    public let issuer: String
    /// What it knows us by.
    public let clientID: String
    /// What we prove ourselves with.
    public let secret: String
    /// What signs its tokens.
    public let key: SigningKey
    private let clock: any TimeSource
    private let state = Locked(State())

    /// What it does wrong.
    public enum Misbehaviour: Sendable, Hashable, CaseIterable {
        case wrongTokenIssuer, otherAudience, secondAudience, otherNonce, noNonce, noAlgorithm, sharedSecretAlgorithm
        case foreignKey, foreignKeyUnderItsName, expired, notYetValid, otherAccessTokenHash, noIDToken, noSubject
        case brokenToken, malformedTokenAnswer, otherPersonAtUserInfo, hugeTokenAnswer, hugeDiscovery, hugeKeySet
        case slowTokenAnswer, slowDiscovery, slowKeySet, redirectsTheTokenCall, redirectsDiscovery
        case hugeProfile, slowProfile, redirectsKeySet, redirectsProfile
        case brokenDiscovery, otherIssuerInDiscovery, plainTokenEndpoint, privateTokenEndpoint
        case refusesTheClient, refusesTheCode, failsAtTheTokenEndpoint, dead
    }

    private struct State {
        var misbehaviours: Set<Misbehaviour> = []
        var codes: [String: Issued] = [:]
        var counter = 0
        var spent: Set<String> = []
        var discovery: JSONObject = [:]
        var calls: [String] = []
        var keys: [SigningKey] = []
        /// By how much its clock is ahead, in seconds.
        var skew: Int64 = 0
        var takesSecret: (@Sendable (String) -> Bool)?
    }

    private struct Issued {
        let person: ScriptedPerson
        let nonce: String?
        let challenge: String?
        let redirectURI: String
        var accessToken: String?
    }

    /// A provider that is up and well.
    public init(
        issuer: String = "https://login.example", clientID: String = "martlet", secret: String = "s3cr3t of ours",
        clock: any TimeSource
    ) throws {
        (self.issuer, self.clientID, self.secret, self.clock) = (issuer, clientID, secret, clock)
        let key = try SigningKey.generate()
        self.key = key
        state.withLock { $0.keys = [key] }
    }

    /// Tells it what to do wrong from now on, and nothing else.
    public func misbehave(_ misbehaviours: Misbehaviour...) {
        state.withLock { $0.misbehaviours = Set(misbehaviours) }
    }

    /// Its clock differs from ours from now on: so many seconds ahead, or behind where they are negative.
    public func runAhead(by seconds: Int64) { state.withLock { $0.skew = seconds } }

    /// Members that its discovery document has besides, or has otherwise.
    public func announce(_ members: JSONObject) { state.withLock { $0.discovery = members } }

    /// Takes the secrets that a rule takes, in place of the one it knows.
    public func accept(_ rule: @escaping @Sendable (String) -> Bool) { state.withLock { $0.takesSecret = rule } }

    /// The addresses that were asked for, in order.
    public var calls: [String] { state.withLock { $0.calls } }

    /// Puts another key beside the first, which signs from now on.
    public func rotate() throws -> SigningKey {
        let new = try SigningKey.generate()
        state.withLock { $0.keys = [new] + $0.keys }
        return new
    }

    private func isDoing(_ misbehaviour: Misbehaviour) -> Bool {
        state.withLock { $0.misbehaviours.contains(misbehaviour) }
    }

    // MARK: The browser's side

    /// A person signs in at the address that we sent them to; answers the query that they come back with.
    public func authorize(_ address: String, as person: ScriptedPerson) throws -> String {
        let form = try Self.query(of: address)
        guard form[Parameter("client_id")] == clientID, form[Parameter("response_type")] == "code",
            let redirectURI = form[Parameter("redirect_uri")], let given = form[Parameter("state")],
            address.hasPrefix(issuer + "/authorize?")
        else { throw ScriptError.unfitRequest(address) }
        let code = state.withLock { state in
            state.counter += 1
            let code = "code-\(state.counter)"
            state.codes[code] = Issued(
                person: person, nonce: form[Parameter("nonce")], challenge: form[Parameter("code_challenge")],
                redirectURI: redirectURI)
            return code
        }
        return Self.encode([("code", code), ("state", given), ("iss", issuer)])
    }

    /// The parameters of an address.
    public static func query(of address: String) throws -> FormParameters {
        try FormParameters(decoding: Array((address.split(separator: "?", maxSplits: 1).last ?? "").utf8))
    }

    /// A query of these parameters.
    public static func encode(_ fields: [(String, String)]) -> String {
        fields.map { "\($0)=\(FormParameters.encode($1))" }.joined(separator: "&")
    }

    /// What a test has got wrong.
    public enum ScriptError: Error {
        /// No request that a provider would take.
        case unfitRequest(String)
    }

    // MARK: Our own side

    /// Answers a request of ours.
    public func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        state.withLock { $0.calls.append(request.address) }
        if isDoing(.dead) { throw OutgoingError.unreachable }
        let path = request.address.dropFirst(issuer.count)
        let answer: UpstreamAnswer
        switch path {
        case "/.well-known/openid-configuration": answer = try discovery()
        case "/keys": answer = try keySet()
        case "/token": answer = try token(request)
        case "/userinfo", "/emails": answer = try profile(request, isList: path == "/emails")
        default: answer = UpstreamAnswer(status: 404, body: [])
        }
        guard answer.body.count <= request.answerLimit else { throw OutgoingError.tooLarge }
        return answer
    }

    private func discovery() throws -> UpstreamAnswer {
        if isDoing(.slowDiscovery) { throw OutgoingError.timedOut }
        if isDoing(.redirectsDiscovery) { return UpstreamAnswer(status: 302, body: []) }
        if isDoing(.hugeDiscovery) { return UpstreamAnswer(status: 200, body: Self.huge) }
        if isDoing(.brokenDiscovery) { return UpstreamAnswer(status: 200, body: Array("<html>".utf8)) }
        var document: JSONObject = [
            "issuer": .string(isDoing(.otherIssuerInDiscovery) ? "https://evil.example" : issuer),
            "authorization_endpoint": .string(issuer + "/authorize"), "token_endpoint": .string(issuer + "/token"),
            "userinfo_endpoint": .string(issuer + "/userinfo"), "jwks_uri": .string(issuer + "/keys"),
            "end_session_endpoint": .string(issuer + "/logout"),
            "authorization_response_iss_parameter_supported": true,
        ]
        if isDoing(.plainTokenEndpoint) { document["token_endpoint"] = "http://login.example/token" }
        if isDoing(.privateTokenEndpoint) { document["token_endpoint"] = "http://127.0.0.1/token" }
        for member in state.withLock({ $0.discovery }) { document[member.name] = member.value }
        return UpstreamAnswer(status: 200, body: document.jsonBytes())
    }

    private func keySet() throws -> UpstreamAnswer {
        if isDoing(.slowKeySet) { throw OutgoingError.timedOut }
        if isDoing(.redirectsKeySet) { return UpstreamAnswer(status: 302, body: []) }
        if isDoing(.hugeKeySet) { return UpstreamAnswer(status: 200, body: Self.huge) }
        let keys = state.withLock { $0.keys }
        var writer = JSONWriter()
        writer.object { writer in
            writer.array("keys") { writer in
                for key in keys { writer.element(key.publicKey) }
            }
        }
        return UpstreamAnswer(status: 200, body: writer.bytes)
    }

    private func token(_ request: OutgoingRequest) throws -> UpstreamAnswer {
        if isDoing(.slowTokenAnswer) { throw OutgoingError.timedOut }
        if isDoing(.redirectsTheTokenCall) { return UpstreamAnswer(status: 307, body: []) }
        if isDoing(.failsAtTheTokenEndpoint) { return UpstreamAnswer(status: 503, body: []) }
        if isDoing(.hugeTokenAnswer) { return UpstreamAnswer(status: 200, body: Self.huge) }
        if isDoing(.malformedTokenAnswer) { return UpstreamAnswer(status: 200, body: Array("access_token=x".utf8)) }
        let form = try FormParameters(decoding: request.body)
        guard isOurs(request, form), !isDoing(.refusesTheClient) else {
            return Self.answer(401, ["error": "invalid_client"])
        }
        if form[Parameter("grant_type")] == "refresh_token" { return refreshed(form) }
        let code = form[Parameter("code")] ?? ""
        let verifier = form[Parameter("code_verifier")] ?? ""
        let challenge = Base64URL.encode(SHA256.digest(of: Array(verifier.utf8)).bytes)
        let issued: Issued? = state.withLock { state in
            guard var issued = state.codes[code], issued.accessToken == nil,
                issued.redirectURI == form[Parameter("redirect_uri")], issued.challenge ?? challenge == challenge
            else { return nil }
            issued.accessToken = "token-of-" + code
            state.codes[code] = issued
            return issued
        }
        guard let issued, !isDoing(.refusesTheCode) else { return Self.answer(400, ["error": "invalid_grant"]) }
        var answer: JSONObject = [
            "access_token": .string(issued.accessToken ?? ""), "token_type": "Bearer", "expires_in": 300,
            "refresh_token": .string("refresh-of-" + code), "scope": "openid email",
        ]
        if !isDoing(.noIDToken) { answer["id_token"] = .string(try idToken(issued)) }
        return UpstreamAnswer(status: 200, body: answer.jsonBytes())
    }

    /// RFC 6749 §6: each refresh token is good once.
    private func refreshed(_ form: FormParameters) -> UpstreamAnswer {
        let token = form[Parameter("refresh_token")] ?? ""
        guard token.hasPrefix("refresh-of-"), !isDoing(.refusesTheCode),
            state.withLock({ $0.spent.insert(token).inserted })
        else { return Self.answer(400, ["error": "invalid_grant"]) }
        return Self.answer(
            200,
            [
                "access_token": .string("renewed-by-" + token), "token_type": "Bearer",
                "expires_in": 300, "refresh_token": .string(token + "+"),
            ])
    }

    /// A logout token, with other claims than it should have; null takes one away.
    public func logoutToken(
        _ changes: JSONObject = [:], type: JWSType? = "logout+jwt", signedBy signer: SigningKey? = nil
    ) throws -> String {
        let (now, number) = (
            clock.now.seconds,
            state.withLock { state in
                state.counter += 1
                return state.counter
            }
        )
        var claims: JSONObject = [
            "iss": .string(issuer), "aud": .string(clientID), "iat": .integer(now), "exp": .integer(now + 120),
            "jti": .string("out-\(number)"),
            "events": ["http://schemas.openid.net/event/backchannel-logout": JSONValue.object([:])],
        ]
        for member in changes { claims[member.name] = member.value == .null ? nil : member.value }
        return try JWTSigner(key: signer ?? state.withLock { $0.keys[0] }, type: type).sign(JSONValue.object(claims))
    }

    private func isOurs(_ request: OutgoingRequest, _ form: FormParameters) -> Bool {
        let pair = FormParameters.encode(clientID) + ":" + FormParameters.encode(secret)
        if request.headers["Authorization"] == "Basic " + Base64.encode(Array(pair.utf8)) { return true }
        guard form[Parameter("client_id")] == clientID, let given = form[Parameter("client_secret")] else {
            return false
        }
        if let rule = state.withLock({ $0.takesSecret }) { return rule(given) }
        return given == secret
    }

    private func idToken(_ issued: Issued) throws -> String {
        let now = clock.now.seconds + state.withLock { $0.skew }
        var claims = issued.person.claims
        claims["iss"] = .string(isDoing(.wrongTokenIssuer) ? "https://evil.example" : issued.person.issuer ?? issuer)
        claims["aud"] = .string(isDoing(.otherAudience) ? "another-client" : clientID)
        if isDoing(.secondAudience) { claims["aud"] = [.string(clientID), "another-client"] }
        claims["iat"] = .integer(isDoing(.notYetValid) ? now + 900 : now)
        claims["exp"] = .integer(isDoing(.expired) ? now - 300 : now + 300)
        if let nonce = issued.nonce, !isDoing(.noNonce) {
            claims["nonce"] = .string(isDoing(.otherNonce) ? "another" : nonce)
        }
        if isDoing(.noSubject) { claims["sub"] = nil }
        let hashed = isDoing(.otherAccessTokenHash) ? "another token" : issued.accessToken ?? ""
        claims["at_hash"] = .string(
            Base64URL.encode(Array(SHA256.digest(of: Array(hashed.utf8)).bytes.prefix(16))))
        if isDoing(.brokenToken) { return "no.token" }
        if isDoing(.noAlgorithm) { return Self.unsigned("none", claims) }
        if isDoing(.sharedSecretAlgorithm) { return Self.unsigned("HS256", claims) + "AAAA" }
        let own = state.withLock { $0.keys[0] }
        var signer = own
        if isDoing(.foreignKey) { signer = try SigningKey.generate() }
        if isDoing(.foreignKeyUnderItsName) { signer = try SigningKey.generate().named(own.keyID) }
        return try JWTSigner(key: signer, type: .jwt).sign(JSONValue.object(claims))
    }

    private static func unsigned(_ algorithm: String, _ claims: JSONObject) -> String {
        let header: JSONObject = ["alg": .string(algorithm)]
        return Base64URL.encode(header.jsonBytes()) + "." + Base64URL.encode(claims.jsonBytes()) + "."
    }

    private func profile(_ request: OutgoingRequest, isList: Bool) throws -> UpstreamAnswer {
        if isDoing(.slowProfile) { throw OutgoingError.timedOut }
        if isDoing(.redirectsProfile) { return UpstreamAnswer(status: 302, body: []) }
        if isDoing(.hugeProfile) { return UpstreamAnswer(status: 200, body: Self.huge) }
        let bearer = request.headers["Authorization"] ?? ""
        let person = state.withLock { state in
            state.codes.values.first { $0.accessToken.map { "Bearer " + $0 } == bearer }?.person
        }
        guard let person else { return Self.answer(401, ["error": "invalid_token"]) }
        if isList { return UpstreamAnswer(status: 200, body: JSONValue.array(person.addresses).jsonBytes()) }
        var answer = person.profile
        if isDoing(.otherPersonAtUserInfo) { answer["sub"] = "somebody-else" }
        return UpstreamAnswer(status: 200, body: answer.jsonBytes())
    }

    private static func answer(_ status: Int, _ object: JSONObject) -> UpstreamAnswer {
        UpstreamAnswer(status: status, body: object.jsonBytes())
    }

    private static let huge = [UInt8](repeating: 0x20, count: 1 << 20)
}

import JOSE
import JSON
import OAuthTypes
import Stores

/// Verifies client assertions: RFC 7523 §3, OpenID Connect Core §9, FAPI 2.0 Security Profile §5.3.2.1.
struct AssertionVerifier: Sendable {
    private let environment: ServerEnvironment

    /// How far ahead an assertion may expire: for that long its identifier is remembered.
    static let longestLife = Duration.seconds(3600)

    init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// Throws `OAuthError` unless the assertion proves the client, at an endpoint; spends it.
    func verify(_ assertion: ClientAssertion, of client: Client, at path: String) async throws {
        let now = environment.clock.now
        let leeway = min(max(environment.policy.clockLeeway, .zero), .seconds(60))
        // An absent registration leaves the choice to the client (Registration §2).
        if let registered = client.metadata.tokenEndpointAuthSigningAlg, registered != assertion.algorithm {
            throw refusal("its alg must be \(registered.rawValue)")
        }
        let expectation = JWTExpectation(
            type: assertion.token.header.type == ClientAssertion.tokenType.name
                ? .exactly(ClientAssertion.tokenType) : .absentOr(.jwt),
            algorithms: .oneOf(SignatureAlgorithm.allCases),
            issuer: .exactly(client.id.rawValue), audience: .anyone, now: now.seconds, leeway: leeway.wholeSeconds)
        let claims = try await verified(assertion, of: client, as: expectation).claims
        try checkAudience(claims, client, path)
        guard let expiresAt = claims.expiresAt, expiresAt <= (now + AssertionVerifier.longestLife + leeway).seconds
        else { throw refusal("its exp is more than an hour ahead") }
        guard let identifier = claims.jwtID, (1...512).contains(identifier.utf8.count) else {
            throw refusal("its jti must have 1 to 512 bytes")
        }
        // Last: what was refused must not be used up (§3, §5).
        let digest = TokenDigest(of: "client assertion \(client.id.rawValue) \(identifier)")
        guard
            try await environment.storage.spent.spend(
                digest, expiresAt: Timestamp(seconds: expiresAt) + leeway + .seconds(1))
        else { throw refusal("its jti was used before: each assertion counts once") }
    }

    private func verified(
        _ assertion: ClientAssertion, of client: Client, as expectation: JWTExpectation
    ) async throws -> VerifiedJWT {
        switch assertion.algorithm {
        case .signature:
            guard let keys = await environment.clientKeys.keys(of: client, with: assertion.token.header.keyID) else {
                throw refusal("the client's keys cannot be had")
            }
            do throws(JOSEError) {
                return try assertion.token.verified(with: keys, as: expectation)
            } catch {
                throw refusal(error.advice)
            }
        case .mac(let algorithm):
            var fault = JOSEError.unknownKey
            for sealed in client.readableSecrets(at: environment.clock.now) {
                let secret = try environment.clientSecrets.open(sealed, of: client.id)
                do throws(JOSEError) {
                    // A secret that is too short for the algorithm proves nothing (RFC 7518 §3.2).
                    return try assertion.token.verified(with: try MACKey(secret, for: algorithm), as: expectation)
                } catch {
                    fault = error
                }
            }
            throw refusal(fault == .unknownKey ? "the client has no secret that signs" : fault.advice)
        }
    }

    /// One string, the issuer: what was made for another server or another use opens nothing here.
    ///
    /// RFC 7523 suggests the address of the token endpoint, and older clients do as it says: an exception of theirs.
    private func checkAudience(_ claims: JWTClaims, _ client: Client, _ path: String) throws(OAuthError) {
        let issuer = environment.issuer
        let isLenient = client.metadata.allows(.endpointAudience)
        let endpoints = [issuer.address(of: TokenEndpoint.path), issuer.address(of: path)]
        func isNamed(_ address: String) -> Bool {
            claims.audience.contains { $0.utf8.elementsEqual(address.utf8) }
        }
        if claims.audience.count == 1, isLenient || claims["aud"]?.string != nil,
            ([issuer.url] + (isLenient ? endpoints : [])).contains(where: isNamed)
        {
            return
        }
        let wanted = "this client must use the issuer, \(issuer.url), as one string"
        if claims.audience.isEmpty { throw refusal("it has no aud: \(wanted)") }
        if isNamed(issuer.url) { throw refusal("its aud is a list: \(wanted)") }
        if isNamed(endpoints[0]) { throw refusal("its aud is the token endpoint: \(wanted)") }
        if isNamed(endpoints[1]) { throw refusal("its aud is the endpoint: \(wanted)") }
        throw refusal("its aud is another one: \(wanted)")
    }

    private func refusal(_ advice: String) -> OAuthError {
        ClientAuthentication.refusal(
            "the client assertion is refused: " + advice, "RFC 7523 §3, OpenID Connect Core §9")
    }
}

extension AssertionVerifier {
    /// `none` is not among them (RFC 8414 §2).
    static func encodeMetadata(to writer: inout JSONWriter) {
        let algorithms = SignatureAlgorithm.allCases.map(\.rawValue) + MACAlgorithm.allCases.map(\.rawValue)
        writer.member("token_endpoint_auth_signing_alg_values_supported", algorithms)
        writer.member("revocation_endpoint_auth_signing_alg_values_supported", algorithms)
        writer.member("introspection_endpoint_auth_signing_alg_values_supported", algorithms)
    }
}

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

    /// Whether the assertion proves the client, at an endpoint; spends it.
    func verify(_ assertion: ClientAssertion, of client: Client, at path: String) async throws -> Bool {
        let now = environment.clock.now
        let leeway = min(max(environment.policy.clockLeeway, .zero), .seconds(60))
        // An absent registration leaves the choice to the client (Registration §2).
        if let registered = client.metadata.tokenEndpointAuthSigningAlg, registered != assertion.algorithm {
            return false
        }
        let expectation = JWTExpectation(
            type: assertion.token.header.type == ClientAssertion.tokenType.name
                ? .exactly(ClientAssertion.tokenType) : .absentOr(.jwt),
            algorithms: .oneOf(SignatureAlgorithm.allCases),
            issuer: .exactly(client.id.rawValue), audience: .anyone, now: now.seconds, leeway: leeway.wholeSeconds)
        guard let jwt = try await verified(assertion, of: client, as: expectation),
            isMeantForUs(jwt.claims, client, path),
            let expiresAt = jwt.claims.expiresAt, expiresAt <= (now + AssertionVerifier.longestLife + leeway).seconds,
            let identifier = jwt.claims.jwtID, (1...512).contains(identifier.utf8.count)
        else { return false }
        // Last: what was refused must not be used up (§3, §5).
        let digest = TokenDigest(of: "client assertion \(client.id.rawValue) \(identifier)")
        return try await environment.storage.spent.spend(
            digest, expiresAt: Timestamp(seconds: expiresAt) + leeway + .seconds(1))
    }

    private func verified(
        _ assertion: ClientAssertion, of client: Client, as expectation: JWTExpectation
    ) async throws -> VerifiedJWT? {
        switch assertion.algorithm {
        case .signature:
            let keys = await environment.clientKeys.keys(of: client, with: assertion.token.header.keyID)
            return keys.flatMap { try? assertion.token.verified(with: $0, as: expectation) }
        case .mac(let algorithm):
            for sealed in client.readableSecrets(at: environment.clock.now) {
                let secret = try environment.clientSecrets.open(sealed, of: client.id)
                // A secret that is too short for the algorithm proves nothing (RFC 7518 §3.2).
                guard let key = try? MACKey(secret, for: algorithm) else { continue }
                if let jwt = try? assertion.token.verified(with: key, as: expectation) { return jwt }
            }
            return nil
        }
    }

    /// One string, the issuer: what was made for another server or another use opens nothing here.
    ///
    /// RFC 7523 suggests the address of the token endpoint, and older clients do as it says: an exception of theirs.
    private func isMeantForUs(_ claims: JWTClaims, _ client: Client, _ path: String) -> Bool {
        let issuer = environment.issuer
        let isLenient = client.metadata.allows(.endpointAudience)
        guard claims.audience.count == 1, isLenient || claims["aud"]?.string != nil else { return false }
        var ours = [issuer.url]
        if isLenient { ours += [issuer.address(of: TokenEndpoint.path), issuer.address(of: path)] }
        return ours.contains { $0.utf8.elementsEqual(claims.audience[0].utf8) }
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

internal import JOSE

/// What access tokens and ID tokens have in common: form, algorithm, key, signature, issuer, audience, time.
struct TokenCheck: Sendable {
    let rules: TokenRules
    let keys: IssuerKeys
    let clock: any VerifierClock

    /// The keys at hand, or the first ones.
    func currentKeys() async throws(TokenRefusal) -> KeySnapshot {
        if let fresh = keys.fresh { return fresh }
        do { return try await keys.current() } catch { throw .keysUnavailable(error) }
    }

    /// A token whose signature and claims were verified, and the number of the keys that did it.
    func verify(
        _ token: String, _ type: JWSType.Expectation, with held: KeySnapshot
    ) async throws(TokenRefusal) -> (jwt: VerifiedJWT, epoch: Int) {
        let unverified: UnverifiedJWT
        let isKnown: Bool
        do throws(JOSEError) {
            unverified = try UnverifiedJWT(parsing: token)
            let header = unverified.header
            guard let algorithm = SignatureAlgorithm(named: header.algorithm), rules.algorithms.contains(algorithm)
            else { throw .wrongAlgorithm }
            guard type.allows(header.type) else { throw .wrongType }
            isKnown = held.keys.publicKey(withID: header.keyID) != nil
            if !isKnown {
                // The issuer is not asked for the key of a token that does not even claim to be its own.
                guard header.keyID != nil else { throw .unknownKey }
                let issuer = try unverified.unverifiedClaims().issuer
                guard issuer?.utf8.elementsEqual(rules.issuer.utf8) == true else { throw .wrongIssuer }
            }
        } catch {
            throw .invalidToken(.jwt(error))
        }
        let used = isKnown ? held : try await newer(than: held)
        do {
            let expectation = rules.expectation(type, now: clock.seconds)
            return (try unverified.verified(with: used.keys, as: expectation), used.epoch)
        } catch {
            throw .invalidToken(.jwt(error))
        }
    }

    private func newer(than held: KeySnapshot) async throws(TokenRefusal) -> KeySnapshot {
        do { return try await keys.newer(than: held) } catch { throw .keysUnavailable(error) }
    }
}

import JOSE
import OAuthTypes

/// Verifies access tokens of this issuer, and remembers those that it has verified: RFC 9068 §4.
///
/// A signature costs more to verify than all the rest of a request together, and most tokens are presented many times.
/// What is remembered is the outcome of the checks that cannot change; time is looked at each time, and what can be
/// revoked is not its concern. A token that was refused is never remembered.
struct AccessTokenVerifier: Sendable {
    private let keys: KeyRing
    private let issuer: Issuer
    /// In seconds.
    private let leeway: Int64
    private let known: VerifiedTokens<VerifiedAccessToken>

    /// The most tokens that are remembered.
    static let tokenLimit = 8192
    /// The most memory that they may take, in bytes.
    static let byteLimit = 4 * 1024 * 1024

    init(keys: KeyRing, issuer: Issuer, leeway: Duration) {
        self.keys = keys
        self.issuer = issuer
        self.leeway = min(max(leeway.wholeSeconds, 0), 3600)
        known = VerifiedTokens(
            tokenLimit: AccessTokenVerifier.tokenLimit, byteLimit: AccessTokenVerifier.byteLimit)
    }

    /// What the token says, if it is one of ours, meant for this server (RFC 9068 §4), and its time is now.
    func verify(_ token: String, at now: Timestamp) throws(OAuthError) -> VerifiedAccessToken {
        let access = try read(token, at: now)
        guard access.isMeant(for: issuer.url) else { throw access.isMeantForOthers }
        return access
    }

    /// What the token says, whomever it is meant for, if it is one of ours and its time is now.
    func read(_ token: String, at now: Timestamp) throws(OAuthError) -> VerifiedAccessToken {
        guard let published = keys.verification, token.utf8.count <= CompactJWS.limit else {
            throw VerifiedAccessToken.refusal("it is too long, or there are no keys yet")
        }
        let digest = SHA256.digest(of: token)
        if let known = known.find(digest, under: published.epoch) {
            guard known.holds(at: now, leeway: leeway) else {
                throw VerifiedAccessToken.refusal(JOSEError.expired.advice)
            }
            return known
        }
        let verified = try VerifiedAccessToken(token, keys: published.keys, issuer: issuer, now: now, leeway: leeway)
        known.insert(verified, bytes: verified.bytes, digest, under: published.epoch)
        return verified
    }

    /// How many tokens are remembered.
    var remembered: Int { known.count }
}

extension VerifiedAccessToken {
    /// What its texts that have memory of their own take, roughly.
    fileprivate var bytes: Int {
        let texts =
            [subject, clientID.rawValue, grantID?.rawValue ?? "", identifier]
            + scopes.map(\.rawValue) + audience + methods
        return texts.reduce(0) { $0 + $1.utf8.count + 48 }
    }
}

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
    private let shards: [VerifiedTokenCache]

    /// The most tokens that are remembered.
    static let tokenLimit = 8192
    /// The most memory that they may take, in bytes.
    static let byteLimit = 4 * 1024 * 1024
    /// Each has a lock of its own, so that event loops seldom meet at one.
    private static let shardCount = 16

    init(keys: KeyRing, issuer: Issuer, leeway: Duration) {
        self.keys = keys
        self.issuer = issuer
        self.leeway = min(max(leeway.wholeSeconds, 0), 3600)
        shards = (0..<AccessTokenVerifier.shardCount).map { _ in
            VerifiedTokenCache(
                tokenLimit: AccessTokenVerifier.tokenLimit / AccessTokenVerifier.shardCount,
                byteLimit: AccessTokenVerifier.byteLimit / AccessTokenVerifier.shardCount
            )
        }
    }

    /// What the token says, if it is one of ours and its time is now.
    func verify(_ token: String, at now: Timestamp) throws(OAuthError) -> VerifiedAccessToken {
        guard let published = keys.verification, token.utf8.count <= CompactJWS.limit else {
            throw VerifiedAccessToken.refusal
        }
        let digest = SHA256.digest(of: token)
        let shard = shards[Int(digest.firstByte) % AccessTokenVerifier.shardCount]
        if let known = shard.find(digest, under: published.epoch) {
            guard known.holds(at: now, leeway: leeway) else { throw VerifiedAccessToken.refusal }
            return known
        }
        let verified = try VerifiedAccessToken(token, keys: published.keys, issuer: issuer, now: now, leeway: leeway)
        shard.insert(verified, digest, under: published.epoch)
        return verified
    }

    /// How many tokens are remembered.
    var remembered: Int { shards.reduce(0) { $0 + $1.size.tokens } }
}

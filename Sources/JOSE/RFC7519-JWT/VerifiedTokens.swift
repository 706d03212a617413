/// Tokens that were verified, for many threads: caches with a lock each, so that threads seldom meet at one.
public struct VerifiedTokens<Token: Sendable>: Sendable {
    private let shards: [VerifiedTokenCache<Token>]

    private static var shardCount: Int { 16 }

    /// Room for so many tokens and bytes at most, to the nearest multiple of sixteen.
    public init(tokenLimit: Int, byteLimit: Int) {
        let count = Self.shardCount
        shards = (0..<count).map { _ in
            VerifiedTokenCache(tokenLimit: (max(0, tokenLimit) + count - 1) / count, byteLimit: byteLimit / count)
        }
    }

    /// A token that was verified under these keys.
    public func find(_ digest: SHA256Digest, under epoch: Int) -> Token? {
        shard(of: digest).find(digest, under: epoch)
    }

    /// Remembers a token that takes so many bytes.
    public func insert(_ token: Token, bytes: Int, _ digest: SHA256Digest, under epoch: Int) {
        shard(of: digest).insert(token, bytes: bytes, digest, under: epoch)
    }

    /// How many tokens are remembered.
    public var count: Int { shards.reduce(0) { $0 + $1.size.tokens } }

    private func shard(of digest: SHA256Digest) -> VerifiedTokenCache<Token> {
        shards[Int(digest.firstByte) % shards.count]
    }
}

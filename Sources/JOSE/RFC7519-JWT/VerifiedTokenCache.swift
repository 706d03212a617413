internal import Synchronization

/// Tokens that were verified, by the SHA-256 of the whole token; bounded in number and in bytes.
///
/// Without the bounds whoever can get tokens could fill the memory. Which token makes room is found by a clock hand: one
/// that was asked for since the hand last passed stays for another round, so that a flood of tokens that are presented
/// once does not drive out those in use.
///
/// Every entry belongs to the keys that it was verified under, which the caller names by a number that only grows.
public final class VerifiedTokenCache<Token: Sendable>: Sendable {
    private struct Entry {
        let digest: SHA256Digest
        let token: Token
        let bytes: Int
        var wasUsed = false
    }

    private struct State {
        var places: [SHA256Digest: Int] = [:]
        var entries: [Entry] = []
        var bytes = 0
        var hand = 0
        /// The keys under which all of these were verified.
        var epoch = 0

        /// Drops the next entry that was not used since the hand passed; there must be one.
        mutating func makeRoom() {
            while true {
                if hand >= entries.count { hand = 0 }
                guard entries[hand].wasUsed else { break }
                entries[hand].wasUsed = false
                hand += 1
            }
            let dropped = entries[hand]
            places[dropped.digest] = nil
            bytes -= dropped.bytes
            // The last one takes the place, so that there are no holes.
            let last = entries.removeLast()
            if hand < entries.count {
                entries[hand] = last
                places[last.digest] = hand
            }
            hand += 1
        }
    }

    private let tokenLimit: Int
    private let byteLimit: Int
    private let state = Mutex(State())

    /// A cache of so many tokens and bytes at most.
    public init(tokenLimit: Int, byteLimit: Int) {
        self.tokenLimit = tokenLimit
        self.byteLimit = byteLimit
    }

    /// A token that was verified under these keys; other keys empty the cache.
    public func find(_ digest: SHA256Digest, under epoch: Int) -> Token? {
        state.withLock { state in
            guard state.epoch == epoch, let place = state.places[digest] else { return nil }
            state.entries[place].wasUsed = true
            return state.entries[place].token
        }
    }

    /// Remembers a token that takes so many bytes, and forgets others until there is room for it.
    public func insert(_ token: Token, bytes: Int, _ digest: SHA256Digest, under epoch: Int) {
        // With what the entry and its place take.
        let entry = Entry(digest: digest, token: token, bytes: 256 + max(0, bytes))
        guard tokenLimit > 0, entry.bytes <= byteLimit else { return }
        state.withLock { state in
            // A token that was being verified while the keys changed is not worth keeping.
            guard epoch >= state.epoch else { return }
            if epoch > state.epoch { state = State(epoch: epoch) }
            guard state.places[digest] == nil else { return }
            while state.entries.count >= tokenLimit || state.bytes + entry.bytes > byteLimit { state.makeRoom() }
            state.places[digest] = state.entries.count
            state.entries.append(entry)
            state.bytes += entry.bytes
        }
    }

    /// How many tokens are remembered, and the memory that they take.
    public var size: (tokens: Int, bytes: Int) { state.withLock { ($0.entries.count, $0.bytes) } }
}

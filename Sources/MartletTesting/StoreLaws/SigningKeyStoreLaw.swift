import OAuthTypes
public import Stores
import Testing

/// What every `SigningKeyStore` obeys.
public enum SigningKeyStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, listsTheOldestFirst, beginsOnce, beginsOnceUnderContention, rotationMovesEveryKey
    case rotatesOnceUnderContention, rotatesFromTheCurrentKeyOnly, neverLeavesNobodyToSign,
        aTakenIdentifierChangesNothing
    case dropsOnlyWhatRetiredLongAgo

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let current = SigningKeyRecord.withEveryFieldSet()
        let next = SigningKeyRecord.withEveryFieldSet(id: "kid-2", state: .next, createdAt: .noon + .seconds(1))
        let newcomer = SigningKeyRecord.withEveryFieldSet(id: "kid-3", state: .next, createdAt: .noon + .seconds(2))
        let now = Timestamp.noon + .seconds(100)
        let store = storage.keys
        switch self {
        case .everyFieldComesBack:
            #expect(try await store.list() == [])
            #expect(try await store.begin(with: [current, next]))
            #expect(try await store.list() == [current, next])
        case .listsTheOldestFirst:
            #expect(try await store.begin(with: [next, newcomer, current]))
            #expect(try await store.list() == [current, next, newcomer])
        case .beginsOnce:
            #expect(try await store.begin(with: [current]))
            #expect(try await !store.begin(with: [next]))
            #expect(try await !store.begin(with: [current, next]))
            #expect(try await store.list() == [current])
        case .beginsOnceUnderContention:
            let number = Counter()
            let outcomes = try await concurrently(32) {
                let id = number.next()
                return try await store.begin(with: [
                    .withEveryFieldSet(id: "current-\(id)"), .withEveryFieldSet(id: "next-\(id)", state: .next),
                ])
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.list().count == 2)
        case .rotationMovesEveryKey:
            #expect(try await store.begin(with: [current, next]))
            // Whatever its maker thought, the newcomer is next.
            var mislabelled = newcomer
            mislabelled.state = .current
            #expect(try await store.rotate(from: current.id, adding: mislabelled, at: now))
            #expect(
                try await store.list() == [
                    moved(current, to: .retiring, at: now), moved(next, to: .current, at: now), newcomer,
                ])
        case .rotatesOnceUnderContention:
            #expect(try await store.begin(with: [current, next]))
            let number = Counter()
            let outcomes = try await concurrently(32) {
                let newcomer = SigningKeyRecord.withEveryFieldSet(id: "new-\(number.next())", state: .next)
                return try await store.rotate(from: current.id, adding: newcomer, at: now)
            }
            #expect(outcomes.count { $0 } == 1)
            let states = try await store.list().map(\.state)
            #expect(states.count == 3)
            #expect(SigningKeyRecord.State.allCases.allSatisfy { state in states.count { $0 == state } == 1 })
        case .rotatesFromTheCurrentKeyOnly:
            #expect(try await store.begin(with: [current, next]))
            #expect(try await !store.rotate(from: next.id, adding: newcomer, at: now))
            #expect(try await !store.rotate(from: KeyID(rawValue: "unknown"), adding: newcomer, at: now))
            #expect(try await store.list() == [current, next])
            #expect(try await store.rotate(from: current.id, adding: newcomer, at: now))
        case .neverLeavesNobodyToSign:
            #expect(try await store.begin(with: [current]))
            #expect(try await !store.rotate(from: current.id, adding: newcomer, at: now))
            #expect(try await store.list() == [current])
        case .aTakenIdentifierChangesNothing:
            #expect(try await store.begin(with: [current, next]))
            await #expect(throws: (any Error).self) { try await store.rotate(from: current.id, adding: next, at: now) }
            #expect(try await store.list() == [current, next])
        case .dropsOnlyWhatRetiredLongAgo:
            #expect(try await store.begin(with: [current, next]))
            #expect(try await store.rotate(from: current.id, adding: newcomer, at: now))
            #expect(try await store.drop(retiringSince: now - .microseconds(1)) == 0)
            #expect(try await store.list().count == 3)
            #expect(try await store.drop(retiringSince: now) == 1)
            #expect(try await store.drop(retiringSince: now + .seconds(1 << 40)) == 0)
            #expect(try await store.list() == [moved(next, to: .current, at: now), newcomer])
        }
    }

    private func moved(
        _ key: SigningKeyRecord, to state: SigningKeyRecord.State, at now: Timestamp
    ) -> SigningKeyRecord {
        var key = key
        (key.state, key.changedAt) = (state, now)
        return key
    }
}

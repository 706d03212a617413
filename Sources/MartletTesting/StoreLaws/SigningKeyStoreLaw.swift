import OAuthTypes
public import Stores
import Testing

/// What every `SigningKeyStore` obeys.
public enum SigningKeyStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, listsTheOldestFirst, beginsOnce, beginsOnceUnderContention, rotationMovesEveryKey
    case rotatesOnceUnderContention, rotatesFromTheCurrentKeyOnly, neverLeavesNobodyToSign,
        aTakenIdentifierChangesNothing
    case dropsOnlyWhatRetiredLongAgo, algorithmsRotateApart, addsANextKeyWhereThereIsNone, addsOnceUnderContention
    case promotesWhereNobodySigns, promotesOnceUnderContention, placesAKeyOverAnother, revokesAtOnce
    case revokingFillsTheFreePlace, retiresAnAlgorithm, rotatesWithoutANewcomer

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let current = SigningKeyRecord.withEveryFieldSet()
        let next = SigningKeyRecord.withEveryFieldSet(id: "kid-2", state: .next, createdAt: .noon + .seconds(1))
        let newcomer = SigningKeyRecord.withEveryFieldSet(id: "kid-3", state: .next, createdAt: .noon + .seconds(2))
        let now = Timestamp.noon + .seconds(100)
        // The same of another algorithm: nothing that is done to the first may touch them.
        let rsa = SigningKeyRecord.withEveryFieldSet(id: "rsa-1", algorithm: "RS256")
        let rsaNext = SigningKeyRecord.withEveryFieldSet(id: "rsa-2", algorithm: "RS256", state: .next)
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
            #expect(try await store.rotate(from: current, adding: mislabelled, at: now))
            #expect(
                try await store.list() == [
                    moved(current, to: .retiring, at: now), moved(next, to: .current, at: now), newcomer,
                ])
        case .rotatesOnceUnderContention:
            #expect(try await store.begin(with: [current, next]))
            let number = Counter()
            let outcomes = try await concurrently(32) {
                let newcomer = SigningKeyRecord.withEveryFieldSet(id: "new-\(number.next())", state: .next)
                return try await store.rotate(from: current, adding: newcomer, at: now)
            }
            #expect(outcomes.count { $0 } == 1)
            let states = try await store.list().map(\.state)
            #expect(states.count == 3)
            #expect(SigningKeyRecord.State.allCases.allSatisfy { state in states.count { $0 == state } == 1 })
        case .rotatesWithoutANewcomer:
            #expect(try await store.begin(with: [current, next, rsa, rsaNext]))
            #expect(try await store.rotate(from: current, adding: nil, at: now))
            let stepped = [moved(current, to: .retiring, at: now), moved(next, to: .current, at: now)]
            #expect(try await listed(store) == stepped + [rsa, rsaNext])
            #expect(try await !store.rotate(from: stepped[1], adding: nil, at: now))
            #expect(try await listed(store) == stepped + [rsa, rsaNext])
        case .rotatesFromTheCurrentKeyOnly:
            #expect(try await store.begin(with: [current, next]))
            #expect(try await !store.rotate(from: next, adding: newcomer, at: now))
            #expect(try await !store.rotate(from: .withEveryFieldSet(id: "unknown"), adding: newcomer, at: now))
            #expect(try await store.list() == [current, next])
            #expect(try await store.rotate(from: current, adding: newcomer, at: now))
        case .neverLeavesNobodyToSign:
            #expect(try await store.begin(with: [current]))
            #expect(try await !store.rotate(from: current, adding: newcomer, at: now))
            #expect(try await store.list() == [current])
        case .aTakenIdentifierChangesNothing:
            #expect(try await store.begin(with: [current, next]))
            await #expect(throws: (any Error).self) { try await store.rotate(from: current, adding: next, at: now) }
            #expect(try await store.list() == [current, next])
        case .dropsOnlyWhatRetiredLongAgo:
            #expect(try await store.begin(with: [current, next]))
            #expect(try await store.rotate(from: current, adding: newcomer, at: now))
            #expect(try await store.drop(retiringSince: now - .microseconds(1)) == 0)
            #expect(try await store.list().count == 3)
            #expect(try await store.drop(retiringSince: now) == 1)
            #expect(try await store.drop(retiringSince: now + .seconds(1 << 40)) == 0)
            #expect(try await store.list() == [moved(next, to: .current, at: now), newcomer])
        case .algorithmsRotateApart:
            #expect(try await store.begin(with: [current, next, rsa, rsaNext]))
            #expect(try await store.rotate(from: current, adding: newcomer, at: now))
            #expect(
                try await listed(store) == [
                    moved(current, to: .retiring, at: now), moved(next, to: .current, at: now), newcomer, rsa, rsaNext,
                ])
            // A next key of another algorithm is nobody's successor.
            let lone = SigningKeyRecord.withEveryFieldSet(id: "ed-1", algorithm: "EdDSA")
            try await store.place(lone, at: now)
            let successor = SigningKeyRecord.withEveryFieldSet(id: "ed-2", algorithm: "EdDSA", state: .next)
            #expect(try await !store.rotate(from: lone, adding: successor, at: now))
        case .addsANextKeyWhereThereIsNone:
            #expect(try await store.begin(with: [current, rsa, rsaNext]))
            var mislabelled = next
            mislabelled.state = .current
            #expect(try await store.add(next: mislabelled))
            #expect(try await !store.add(next: newcomer))
            #expect(try await listed(store) == [current, next, rsa, rsaNext])
            let first = SigningKeyRecord.withEveryFieldSet(id: "ed-1", algorithm: "EdDSA", state: .next)
            #expect(try await store.add(next: first))
            #expect(try await store.list().contains(first))
        case .addsOnceUnderContention:
            #expect(try await store.begin(with: [current, rsa, rsaNext]))
            let number = Counter()
            let outcomes = try await concurrently(32) {
                try await store.add(next: .withEveryFieldSet(id: "new-\(number.next())", state: .next))
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.list().count == 4)
        case .promotesWhereNobodySigns:
            #expect(try await store.begin(with: [next, rsa, rsaNext]))
            #expect(try await !store.promote(rsaNext.id, at: now))
            #expect(try await !store.promote(rsa.id, at: now))
            #expect(try await !store.promote(KeyID(rawValue: "unknown"), at: now))
            #expect(try await store.promote(next.id, at: now))
            #expect(try await !store.promote(next.id, at: now))
            #expect(try await listed(store) == [moved(next, to: .current, at: now), rsa, rsaNext])
        case .promotesOnceUnderContention:
            let rivals = (0..<8).map { SigningKeyRecord.withEveryFieldSet(id: "rival-\($0)", state: .next) }
            #expect(try await store.begin(with: rivals))
            let number = Counter()
            let outcomes = try await concurrently(8) {
                try await store.promote(rivals[number.next() % 8].id, at: now)
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.list().count { $0.state == .current } == 1)
        case .placesAKeyOverAnother:
            #expect(try await store.begin(with: [current, next, rsa, rsaNext]))
            try await store.place(newcomer, at: now)
            #expect(try await listed(store) == [current, newcomer, rsa, rsaNext])
            let heir = SigningKeyRecord.withEveryFieldSet(id: "kid-4", createdAt: .noon + .seconds(3))
            try await store.place(heir, at: now)
            #expect(
                try await listed(store) == [moved(current, to: .retiring, at: now), newcomer, heir, rsa, rsaNext])
            await #expect(throws: (any Error).self) { try await store.place(heir, at: now + .seconds(1)) }
            #expect(
                try await listed(store) == [moved(current, to: .retiring, at: now), newcomer, heir, rsa, rsaNext])
        case .revokesAtOnce:
            #expect(try await store.begin(with: [current, next, rsa, rsaNext]))
            #expect(try await store.rotate(from: current, adding: newcomer, at: now))
            let retiring = moved(current, to: .retiring, at: now)
            // No place is free for another one.
            let spare = SigningKeyRecord.withEveryFieldSet(id: "spare", state: .next)
            #expect(try await store.revoke(retiring, adding: spare, at: now))
            #expect(try await !store.revoke(retiring, adding: spare, at: now))
            let promoted = moved(next, to: .current, at: now)
            #expect(try await listed(store) == [promoted, newcomer, rsa, rsaNext])
            // The next key takes the place of the current one also where nobody follows it.
            let later = now + .seconds(1)
            #expect(try await store.revoke(promoted, adding: nil, at: later))
            #expect(try await listed(store) == [moved(newcomer, to: .current, at: later), rsa, rsaNext])
        case .revokingFillsTheFreePlace:
            #expect(try await store.begin(with: [current, next, rsa, rsaNext]))
            #expect(try await store.revoke(current, adding: newcomer, at: now))
            let promoted = moved(next, to: .current, at: now)
            #expect(try await listed(store) == [promoted, newcomer, rsa, rsaNext])
            let second = SigningKeyRecord.withEveryFieldSet(id: "kid-4", state: .next, createdAt: .noon + .seconds(3))
            #expect(try await store.revoke(newcomer, adding: second, at: now))
            #expect(try await listed(store) == [promoted, second, rsa, rsaNext])
            let third = SigningKeyRecord.withEveryFieldSet(id: "rsa-3", algorithm: "RS256", state: .next)
            #expect(try await store.revoke(rsaNext, adding: nil, at: now))
            #expect(try await store.revoke(rsa, adding: third, at: now))
            // Nobody else could sign.
            var signing = third
            signing.state = .current
            #expect(try await listed(store) == [promoted, second, signing])
        case .retiresAnAlgorithm:
            #expect(try await store.begin(with: [current, next, rsa, rsaNext]))
            #expect(try await store.retire(algorithm: "RS256", at: now))
            #expect(try await !store.retire(algorithm: "RS256", at: now + .seconds(1)))
            #expect(try await !store.retire(algorithm: "EdDSA", at: now))
            #expect(try await listed(store) == [current, next, moved(rsa, to: .retiring, at: now)])
        }
    }

    /// Every key, by its name.
    private func listed(_ store: any SigningKeyStore) async throws -> [SigningKeyRecord] {
        try await store.list().sorted { $0.id.rawValue < $1.id.rawValue }
    }

    private func moved(
        _ key: SigningKeyRecord, to state: SigningKeyRecord.State, at now: Timestamp
    ) -> SigningKeyRecord {
        var key = key
        (key.state, key.changedAt) = (state, now)
        return key
    }
}

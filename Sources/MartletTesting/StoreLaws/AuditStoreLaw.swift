import OAuthTypes
public import Stores
import Testing

/// What every `AuditStore` obeys.
public enum AuditStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, nothingOptionalComesBack, waitsInTheOrderOfNames, nameIsGivenOnce, placesAreTakenOnce
    case linksAllOrNone, oneLinkerWins, listsBehindAPlace, findsWhatIsLookedFor, knowsThePlaceBeforeAMoment
    case checkpointsStay, prunesFromTheOldEnd

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let store = storage.audit
        func add(_ numbers: Int...) async throws {
            for number in numbers { try await store.append([.numbered(number)]) }
        }
        switch self {
        case .everyFieldComesBack:
            let event = AuditEvent.withEveryFieldSet()
            try await store.append([event])
            #expect(try await store.unlinked(limit: 9) == [event])
            #expect(try await store.head() == nil)
            let link = AuditLink(id: event.id, sequence: 1, digest: .numbered(7))
            #expect(try await store.link([link]))
            #expect(try await store.unlinked(limit: 9) == [])
            #expect(try await store.head() == link)
            #expect(try await store.list(after: 0, limit: 9) == [LinkedAuditEvent(event: event, link: link)])
        case .nothingOptionalComesBack:
            let actors: [AuditEvent.Actor] = [.stranger, .client, .server]
            for (outcome, actor) in zip(AuditEvent.Outcome.allCases, actors) {
                let event = AuditEvent(
                    id: "\(outcome)", at: .noon, action: "x", outcome: outcome, actor: actor, subject: nil,
                    client: nil, requestID: nil, network: nil, details: nil, sealed: nil)
                try await store.append([event])
                #expect(try await store.unlinked(limit: 9).contains(event))
            }
        case .waitsInTheOrderOfNames:
            try await add(3, 1, 2)
            #expect(try await store.unlinked(limit: 2).map(\.id) == ["1", "2"])
            #expect(try await store.unlinked(limit: 9).map(\.id) == ["1", "2", "3"])
            #expect(try await store.unlinked(limit: 0) == [])
            #expect(try await store.link([.numbered(1)]))
            #expect(try await store.unlinked(limit: 9).map(\.id) == ["2", "3"])
        case .nameIsGivenOnce:
            try await add(1)
            await #expect(throws: StorageError.self) { try await add(1) }
            // All or none.
            await #expect(throws: StorageError.self) { try await store.append([.numbered(2), .numbered(1)]) }
            #expect(try await store.unlinked(limit: 9) == [.numbered(1)])
            try await store.append([.numbered(3), .numbered(2)])
            #expect(try await store.unlinked(limit: 9).map(\.id) == ["1", "2", "3"])
        case .placesAreTakenOnce:
            try await add(1, 2)
            #expect(try await store.link([.numbered(1)]))
            #expect(try await !store.link([AuditLink(id: "2", sequence: 1, digest: .numbered(2))]))
            #expect(try await !store.link([AuditLink(id: "1", sequence: 2, digest: .numbered(2))]))
            #expect(try await store.head() == .numbered(1))
            #expect(try await store.link([.numbered(2)]))
            #expect(try await store.head() == .numbered(2))
        case .linksAllOrNone:
            try await add(1, 2, 3)
            #expect(try await store.link([.numbered(1)]))
            let taken = AuditLink(id: "3", sequence: 1, digest: .numbered(3))
            #expect(try await !store.link([.numbered(2), taken]))
            #expect(try await store.unlinked(limit: 9).map(\.id) == ["2", "3"])
            #expect(try await store.link([]))
            #expect(try await store.head() == .numbered(1))
            // Another one has linked the middle of it.
            try await add(4)
            #expect(try await store.link([.numbered(2), .numbered(3)]))
            try await add(0)
            let mixed = ["0", "2", "4"].enumerated().map {
                AuditLink(id: $1, sequence: Int64($0) + 4, digest: .numbered($0))
            }
            #expect(try await !store.link(mixed))
            #expect(try await store.unlinked(limit: 9).map(\.id) == ["0", "4"])
            #expect(try await store.head() == .numbered(3))
        case .oneLinkerWins:
            try await add(1, 2, 3)
            let outcomes = try await concurrently(8) {
                try await store.link([.numbered(1), .numbered(2), .numbered(3)])
            }
            #expect(outcomes.count { $0 } == 1)
            #expect(try await store.list(after: 0, limit: 9).map(\.link) == [.numbered(1), .numbered(2), .numbered(3)])
        case .listsBehindAPlace:
            try await add(1, 2, 3, 4)
            #expect(try await store.link([.numbered(1), .numbered(2), .numbered(3)]))
            #expect(try await store.list(after: 1, limit: 1).map(\.event) == [.numbered(2)])
            #expect(try await store.list(after: 1, limit: 9).map(\.event.id) == ["2", "3"])
            #expect(try await store.list(after: 3, limit: 9) == [])
        case .findsWhatIsLookedFor:
            try await checkSearch(store)
        case .knowsThePlaceBeforeAMoment:
            let events = (1...3).map { AuditEvent.named(at: .noon + .seconds($0), "\($0)") }
            try await store.append(events)
            #expect(try await store.place(before: .noon + .seconds(9)) == nil)
            #expect(
                try await store.link(
                    events.prefix(2).enumerated().map {
                        AuditLink(id: $1.id, sequence: Int64($0) + 1, digest: .numbered($0))
                    }))
            #expect(try await store.place(before: .noon + .seconds(9)) == 2)
            #expect(try await store.place(before: .noon + .seconds(2)) == 1)
            #expect(try await store.place(before: .noon + .seconds(1)) == nil)
        case .checkpointsStay:
            let (first, second) = (AuditCheckpoint.numbered(5), AuditCheckpoint.numbered(9))
            try await store.add(second)
            try await store.add(first)
            try await store.add(AuditCheckpoint(sequence: 5, token: "another", key: "{}"))
            #expect(try await store.checkpoints(after: 0, limit: 9) == [first, second])
            #expect(try await store.checkpoints(after: 0, limit: 1) == [first])
            #expect(try await store.checkpoints(after: 5, limit: 9) == [second])
            #expect(try await store.checkpoint(through: 4) == nil)
            #expect(try await store.checkpoint(through: 8) == first)
            #expect(try await store.checkpoint(through: .max) == second)
        case .prunesFromTheOldEnd:
            try await add(1, 2, 3, 4, 5)
            #expect(try await store.link((1...4).map { AuditLink.numbered($0) }))
            for place in [Int64(1), 3, 4] { try await store.add(.numbered(place)) }
            #expect(try await store.prune(through: 3, limit: 2) == 2)
            #expect(try await store.list(after: 0, limit: 9).map(\.link.sequence) == [3, 4])
            #expect(try await store.prune(through: 3, limit: 2) == 1)
            #expect(try await store.prune(through: 3, limit: 2) == 0)
            #expect(try await store.list(after: 0, limit: 9).map(\.link.sequence) == [4])
            // What waits for its place stays, and so does the checkpoint that what is left begins at.
            #expect(try await store.unlinked(limit: 9).map(\.id) == ["5"])
            #expect(try await store.checkpoints(after: 0, limit: 9) == [.numbered(3), .numbered(4)])
        }
    }

    private func checkSearch(_ store: any AuditStore) async throws {
        let (zoe, ada) = (UserID(rawValue: "u_zoe"), UserID(rawValue: "u_ada"))
        let events: [AuditEvent] = [
            .named(at: .noon, "a", action: "sign_in", outcome: .refused, subject: zoe),
            .named(at: .noon + .seconds(1), "b", action: "sign_in", subject: zoe),
            .named(at: .noon + .seconds(2), "c", action: "sign_out", subject: zoe),
            .named(at: .noon + .seconds(3), "d", action: "sign_in", subject: ada),
            .named(at: .noon + .seconds(4), "e", action: "key_rotated"),
        ]
        try await store.append(events)
        #expect(try await store.link([AuditLink(id: events[0].id, sequence: 1, digest: .numbered(1))]))
        func found(_ limit: Int = 9, _ change: (inout AuditSearch) -> Void) async throws -> String {
            var search = AuditSearch()
            change(&search)
            return try await store.find(search, limit: limit).map { String($0.id.suffix(1)) }.joined()
        }
        #expect(try await found { _ in } == "edcba")
        #expect(try await found(2) { _ in } == "ed")
        #expect(try await found(2) { $0.before = events[3].id } == "cb")
        #expect(try await found { $0.subject = zoe } == "cba")
        #expect(try await found { $0.action = "sign_in" } == "dba")
        #expect(try await found { $0.outcome = .succeeded } == "edcb")
        #expect(try await found { $0.since = .noon + .seconds(3) } == "ed")
        #expect(try await found { $0.until = .noon + .seconds(3) } == "cba")
        let all = try await found {
            ($0.subject, $0.action, $0.outcome) = (zoe, "sign_in", .refused)
            ($0.since, $0.until) = (.noon, .noon + .seconds(1))
        }
        #expect(all == "a")
        #expect(try await found { $0.subject = UserID(rawValue: "u_none") } == "")
    }
}

extension AuditEvent {
    /// An event with every field set, each to another value.
    public static func withEveryFieldSet() -> AuditEvent {
        AuditEvent(
            id: "0006", at: .noon, action: "sign_in", outcome: .limited, actor: .person(UserID(rawValue: "u_a")),
            subject: UserID(rawValue: "u_b"), client: ClientID("shop 1~")!, requestID: "r-1", network: "192.0.2.0/24",
            details: #"{"kid":"ü"}"#, sealed: [0, 1, 255])
    }

    /// An event whose name is the one of its moment.
    static func named(
        at moment: Timestamp, _ end: String, action: String = "sign_in", outcome: Outcome = .succeeded,
        subject: UserID? = nil
    ) -> AuditEvent {
        AuditEvent(
            id: AuditEvent.name(at: moment) + end, at: moment, action: action, outcome: outcome, actor: .stranger,
            subject: subject, client: nil, requestID: nil, network: nil, details: nil, sealed: nil)
    }

    static func numbered(_ number: Int) -> AuditEvent {
        AuditEvent(
            id: "\(number)", at: .noon + .seconds(number), action: "sign_out", outcome: .succeeded,
            actor: .administrator("root"),
            subject: nil, client: nil, requestID: nil, network: nil, details: nil, sealed: nil)
    }
}

extension AuditLink {
    static func numbered(_ number: Int) -> AuditLink {
        AuditLink(id: "\(number)", sequence: Int64(number), digest: .numbered(number))
    }
}

extension AuditCheckpoint {
    static func numbered(_ number: Int64) -> AuditCheckpoint {
        AuditCheckpoint(sequence: number, token: "t\(number)", key: #"{"kty":"EC"}"#)
    }
}

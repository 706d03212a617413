public import OAuthTypes
public import Stores
import Testing

/// What every `ParticipationStore` obeys, and what every store that ends sessions does with participations.
public enum ParticipationStoreLaw: String, CaseIterable, Sendable {
    case everyFieldComesBack, beginsWithItsCodeOrNotAtAll, aPairBeginsOnce, aPairThatEndedBeginsAnew
    case goesOnForAsLongAsItsSession, noneBeginsInASessionThatEnded, noneGoesOnBehindTheEndOfItsSession
    case theEndOfASessionMakesItDue, theEndOfAllOthersMakesThemDue, whatSignsSomebodyOutMakesThemDue
    case takingBackConsentEndsThoseOfTheClient, erasureLeavesWhatIsToBeToldWithoutThePerson, aRemovedClientIsToldNothing
    case namesWhoIsWaiting, theLongestDueIsFirst, isLeasedOnceUnderContention, aLeaseThatEndedIsTakenOver
    case whatWasToldIsGone, aFailureWaitsForItsTurn, whatWasGivenUpIsLeftAlone, retryingTakesTheLease
    case whatWasNotTriedDoesNotCount, whatBeganAnewIsNotToldOf, muchForOneHidesNoOther
    case listsWhatEndedInOrder, countsWhatEnded, sweepSparesTheLiving

    /// Checks the law on empty stores.
    public func check(_ storage: Storage) async throws {
        let scene = Scene(storage: storage)
        let store = storage.participations
        let (shop, blog) = (Scene.shop, Scene.blog)
        let end = Timestamp.noon + .seconds(60)
        switch self {
        case .everyFieldComesBack:
            try await scene.begin("p1", shop)
            #expect(try await scene.living() == [.living("p1")])
            #expect(try await store.living(in: Scene.session, at: Participation.living("p1").expiresAt) == [])
            #expect(try await store.living(in: SessionID(rawValue: "sid-2"), at: .noon) == [])
            try await scene.endSession()
            #expect(try await scene.living() == [])
            let claimed = try #require(try await scene.claim(shop))
            #expect(
                claimed
                    == Participation(
                        id: ParticipationID(rawValue: "p1"), sessionID: Scene.session, clientID: shop,
                        userID: Scene.zoe, createdAt: .noon, expiresAt: .noon + Participation.retention,
                        endedAt: .noon, dueAt: end, attempts: 1))
            let next = end + .seconds(1)
            #expect(try await store.failed(claimed.id, attempt: 1, because: "no answer", next: next))
            let kept = try #require(try await store.list(after: nil, limit: 9).first)
            #expect((kept.failure, kept.dueAt, kept.gaveUpAt) == ("no answer", next, nil))
        case .beginsWithItsCodeOrNotAtAll:
            try await scene.begin("p1", shop)
            // The code is there already.
            await #expect(throws: (any Error).self) {
                try await storage.codes.issue(
                    .withEveryFieldSet(digest: .numbered(1)), under: .living(id: "g9"), in: .living("p2", blog))
            }
            // Its name is taken.
            await #expect(throws: (any Error).self) {
                try await storage.codes.issue(
                    .withEveryFieldSet(digest: .numbered(9), grant: "g9"), under: .living(id: "g9"),
                    in: .living("p1", blog))
            }
            #expect(try await scene.living() == [.living("p1")])
            #expect(try await storage.grants.find(GrantID(rawValue: "g9"), at: .noon) == nil)
        case .aPairBeginsOnce:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", shop)
            try await scene.begin("p3", blog)
            #expect(try await scene.living() == [.living("p3", blog), .living("p1")])
            // The session was made longer.
            try await scene.begin("p4", shop, expiresAt: .noon + .seconds(86_400))
            #expect(try await scene.living().last == .living("p1", expiresAt: .noon + .seconds(86_400)))
        case .aPairThatEndedBeginsAnew:
            try await scene.begin("p1", shop)
            try await storage.consents.withdraw(user: Scene.zoe, client: shop, at: .noon)
            try await scene.begin("p2", shop)
            #expect(try await scene.living() == [.living("p2")])
            #expect(try await store.waiting(at: end) == [])
            #expect(try await !store.told(ParticipationID(rawValue: "p1"), attempt: 0))
        case .goesOnForAsLongAsItsSession:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", shop, in: "sid-2", .numbered(202))
            let renewed = Session.withEveryFieldSet(digest: .numbered(203), authenticatedAt: .noon + .seconds(3600))
            #expect(try await storage.sessions.renew(renewed, from: .numbered(201), at: .noon))
            #expect(try await scene.living() == [.living("p1", expiresAt: renewed.expiresAt)])
            // Whoever comes too late has renewed nothing.
            let late = Session.withEveryFieldSet(digest: .numbered(204), authenticatedAt: .noon + .seconds(7200))
            #expect(try await !storage.sessions.renew(late, from: .numbered(201), at: .noon))
            #expect(try await scene.living() == [.living("p1", expiresAt: renewed.expiresAt)])
            // What was of the other session is over by then; the client of this one is told of its end.
            let moment = Participation.living("p2").expiresAt
            #expect(try await store.sweep(expiredBy: moment, limit: 9) == 1)
            #expect(try await storage.sessions.end(.numbered(203), at: moment) == renewed)
            #expect(try await scene.ended() == ["p1"])
        case .noneBeginsInASessionThatEnded:
            try await scene.begin("p1", shop)
            try await scene.endSession()
            try await storage.codes.issue(
                .withEveryFieldSet(digest: .numbered(98), grant: "g98"), under: .living(id: "g98"),
                in: .living("p2", blog))
            // Nor does what is still to be told make room.
            #expect(try await storage.grants.begin(.living(id: "g99"), in: .living("p3")) == nil)
            #expect(try await scene.living() == [])
            #expect(try await scene.ended() == ["p1"])
            #expect(try await scene.claim(shop)?.id.rawValue == "p1")
        case .noneGoesOnBehindTheEndOfItsSession:
            try await scene.checkBirths()
        case .theEndOfASessionMakesItDue:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", shop, in: "sid-2", .numbered(202))
            // A session that ran out by itself is no session any more.
            let late = Session.withEveryFieldSet().expiresAt
            #expect(try await storage.sessions.end(.numbered(201), at: late) == nil)
            #expect(try await store.waiting(at: late) == [])
            try await scene.endSession()
            #expect(try await scene.ended() == ["p1"])
            try await scene.endSession()
            #expect(try await scene.ended() == ["p1"])
        case .theEndOfAllOthersMakesThemDue:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", shop, in: "sid-2", .numbered(202))
            try await scene.begin("p3", shop, in: "sid-3", .numbered(203), of: "u_9")
            _ = try await storage.sessions.endAll(of: Scene.zoe, except: .numbered(201), at: .noon)
            #expect(try await scene.ended() == ["p2"])
            _ = try await storage.sessions.endAll(of: Scene.zoe, except: nil, at: .noon)
            #expect(try await scene.ended() == ["p1", "p2"])
        case .whatSignsSomebodyOutMakesThemDue:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", shop, in: "sid-2", .numbered(202), of: "u_9")
            #expect(try await storage.users.disable(Scene.zoe, at: .noon))
            #expect(try await scene.ended() == ["p1"])
            #expect(try await storage.users.setPassword("hash", of: UserID(rawValue: "u_9"), at: .noon))
            #expect(try await scene.ended() == ["p1", "p2"])
        case .takingBackConsentEndsThoseOfTheClient:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", blog)
            try await scene.begin("p3", shop, in: "sid-3", .numbered(203), of: "u_9")
            try await storage.consents.withdraw(user: Scene.zoe, client: shop, at: .noon)
            #expect(try await scene.ended() == ["p1"])
            #expect(try await scene.living() == [.living("p2", blog)])
        case .erasureLeavesWhatIsToBeToldWithoutThePerson:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", blog)
            try await storage.consents.withdraw(user: Scene.zoe, client: blog, at: .noon)
            #expect(try await storage.persons.erase(Scene.zoe, recording: .numbered(1)))
            #expect(try await scene.ended() == ["p1", "p2"])
            #expect(try await store.list(after: nil, limit: 9).allSatisfy { $0.userID == nil })
            #expect(try await scene.claim(shop)?.sessionID == Scene.session)
        case .aRemovedClientIsToldNothing:
            #expect(try await storage.clients.insert(.withEveryFieldSet()))
            try await scene.begin("p1", shop)
            try await scene.begin("p2", blog)
            try await scene.endSession()
            #expect(try await storage.clients.remove(shop))
            #expect(try await scene.ended() == ["p2"])
        case .namesWhoIsWaiting:
            #expect(try await store.waiting(at: end) == [])
            try await scene.begin("p1", shop)
            try await scene.begin("p2", blog)
            try await scene.begin("p3", shop, in: "sid-2", .numbered(202))
            _ = try await storage.sessions.endAll(of: Scene.zoe, except: nil, at: .noon)
            #expect(try await store.waiting(at: .noon - .microseconds(1)) == [])
            #expect(try await store.waiting(at: .noon) == [blog, shop])
            _ = try await scene.claim(blog)
            #expect(try await store.waiting(at: .noon) == [shop])
            #expect(try await store.waiting(at: end) == [shop, blog])
        case .theLongestDueIsFirst:
            try await scene.begin("p1", shop)
            try await scene.begin("p2", shop, in: "sid-2", .numbered(202))
            _ = try await storage.sessions.end(.numbered(202), at: .noon - .seconds(1))
            try await scene.endSession()
            #expect(try await scene.claim(blog) == nil)
            #expect(try await store.claim(for: shop, at: .noon - .seconds(2), until: end) == nil)
            #expect(try await scene.claim(shop)?.id.rawValue == "p2")
            #expect(try await scene.claim(shop)?.id.rawValue == "p1")
            #expect(try await scene.claim(shop) == nil)
        case .isLeasedOnceUnderContention:
            try await scene.begin("p1", shop)
            try await scene.endSession()
            let claims = try await concurrently(16) { try await scene.claim(shop) }
            #expect(claims.compactMap { $0?.id.rawValue } == ["p1"])
        case .aLeaseThatEndedIsTakenOver:
            try await scene.begin("p1", shop)
            try await scene.endSession()
            let id = ParticipationID(rawValue: "p1")
            #expect(try await scene.claim(shop)?.attempts == 1)
            #expect(try await store.claim(for: shop, at: end - .microseconds(1), until: end) == nil)
            #expect(try await scene.claim(shop, at: end)?.attempts == 2)
            // Whoever was too slow changes nothing any more.
            #expect(try await !store.told(id, attempt: 1))
            #expect(try await !store.failed(id, attempt: 1, because: "late", next: .noon))
            #expect(try await !store.giveUp(id, attempt: 1, because: "late", at: end))
            #expect(try await store.told(id, attempt: 2))
        case .whatWasToldIsGone:
            try await scene.begin("p1", shop)
            #expect(try await !store.told(ParticipationID(rawValue: "p1"), attempt: 0), "it goes on")
            try await scene.endSession()
            _ = try await scene.claim(shop)
            #expect(try await store.told(ParticipationID(rawValue: "p1"), attempt: 1))
            #expect(try await !store.told(ParticipationID(rawValue: "p1"), attempt: 1))
            #expect(try await scene.ended() == [])
        case .aFailureWaitsForItsTurn:
            try await scene.begin("p1", shop)
            try await scene.endSession()
            _ = try await scene.claim(shop)
            let next = Timestamp.noon + .seconds(5)
            #expect(try await store.failed(ParticipationID(rawValue: "p1"), attempt: 1, because: "no", next: next))
            #expect(try await scene.claim(shop, at: next - .microseconds(1)) == nil)
            #expect(try await scene.claim(shop, at: next)?.attempts == 2)
        case .whatWasGivenUpIsLeftAlone:
            try await scene.begin("p1", shop)
            try await scene.endSession()
            _ = try await scene.claim(shop)
            let id = ParticipationID(rawValue: "p1")
            #expect(try await store.giveUp(id, attempt: 1, because: "it answered 400", at: end))
            #expect(try await scene.claim(shop, at: end + .seconds(86_400)) == nil)
            #expect(try await store.waiting(at: end + .seconds(86_400)) == [])
            #expect(try await !store.told(id, attempt: 1))
            let kept = try #require(try await store.list(after: nil, limit: 9).first)
            #expect((kept.gaveUpAt, kept.failure, kept.dueAt) == (end, "it answered 400", nil))
        case .retryingTakesTheLease:
            try await scene.begin("p1", shop)
            let id = ParticipationID(rawValue: "p1")
            #expect(try await !store.retry(id, at: .noon), "it goes on")
            try await scene.endSession()
            _ = try await scene.claim(shop)
            #expect(try await store.giveUp(id, attempt: 1, because: "it answered 400", at: .noon))
            #expect(try await store.retry(id, at: end))
            #expect(try await !store.retry(ParticipationID(rawValue: "p2"), at: end))
            let again = try #require(try await scene.claim(shop, at: end))
            #expect(again.tries == 1 && again.gaveUpAt == nil)
            #expect(again.expiresAt == end + Participation.retention)
            #expect(try await !store.told(id, attempt: 1))
        case .whatWasNotTriedDoesNotCount:
            try await scene.begin("p1", shop)
            try await scene.endSession()
            _ = try await scene.claim(shop)
            let (id, next) = (ParticipationID(rawValue: "p1"), Timestamp.noon + .seconds(5))
            #expect(try await !store.release(id, attempt: 2, until: .noon), "somebody else's")
            #expect(try await store.release(id, attempt: 1, until: next))
            #expect(try await scene.claim(shop, at: next - .microseconds(1)) == nil)
            #expect(try await scene.claim(shop, at: next)?.tries == 1)
        case .whatBeganAnewIsNotToldOf:
            try await scene.begin("p1", shop)
            let id = ParticipationID(rawValue: "p1")
            try await storage.consents.withdraw(user: Scene.zoe, client: shop, at: .noon)
            let held = try #require(try await scene.claim(shop))
            #expect(try await store.isUntold(id, attempt: held.attempts))
            #expect(try await !store.isUntold(id, attempt: held.attempts + 1))
            try await scene.begin("p2", shop)
            #expect(try await !store.isUntold(id, attempt: held.attempts))
            #expect(try await !store.isUntold(ParticipationID(rawValue: "p2"), attempt: 0), "it goes on")
        case .muchForOneHidesNoOther:
            for number in 0..<12 {
                try await scene.begin("p\(number)", blog, in: "sid-\(number)", .numbered(210 + number))
                _ = try await storage.sessions.end(.numbered(210 + number), at: .noon - .seconds(60 - number))
            }
            try await scene.begin("shop", shop)
            try await scene.begin("other", ClientID("z")!)
            try await scene.endSession()
            #expect(try await store.waiting(at: .noon) == [blog, shop, ClientID("z")!])
            #expect(try await store.waiting(at: .noon - .seconds(1)) == [blog])
            // However many strangers' clients wait, an operator's is among the first.
            var stranger = Client.confidential(blog.rawValue)
            stranger.registrationDigest = .numbered(99)
            #expect(try await storage.clients.insert(stranger))
            #expect(try await store.waiting(at: .noon) == [shop, ClientID("z")!, blog])
        case .listsWhatEndedInOrder:
            for (number, name) in ["c", "a", "d", "b"].enumerated() {
                try await scene.begin(name, shop, in: "sid-\(number)", .numbered(210 + number))
                if name != "d" { _ = try await storage.sessions.end(.numbered(210 + number), at: .noon) }
            }
            #expect(try await store.list(after: nil, limit: 2).map(\.id.rawValue) == ["a", "b"])
            #expect(try await store.list(after: ParticipationID(rawValue: "b"), limit: 2).map(\.id.rawValue) == ["c"])
            #expect(try await store.list(after: nil, limit: 0) == [])
        case .countsWhatEnded:
            #expect(try await store.figures() == OutboxFigures(waiting: 0, givenUp: 0))
            for number in 0..<4 {
                try await scene.begin("p\(number)", shop, in: "sid-\(number)", .numbered(210 + number))
            }
            for number in 0..<3 { _ = try await storage.sessions.end(.numbered(210 + number), at: .noon) }
            let claimed = try #require(try await scene.claim(shop))
            #expect(try await store.giveUp(claimed.id, attempt: 1, because: "no", at: .noon))
            #expect(try await store.figures() == OutboxFigures(waiting: 2, givenUp: 1))
        case .sweepSparesTheLiving:
            for number in 0..<5 {
                try await scene.begin(
                    "p\(number)", shop, in: "sid-\(number)", .numbered(210 + number),
                    expiresAt: .noon + .seconds(number))
            }
            let third = Timestamp.noon + .seconds(2)
            #expect(try await store.sweep(expiredBy: third, limit: 0) == 0)
            #expect(try await store.sweep(expiredBy: third, limit: 2) == 2)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 1)
            #expect(try await store.sweep(expiredBy: third, limit: 9) == 0)
            #expect(try await store.living(in: SessionID(rawValue: "sid-3"), at: .noon).count == 1)
        }
    }
}

/// People, their sessions and clients in them.
private struct Scene: Sendable {
    static let shop = ClientID("shop 1~")!
    static let blog = ClientID("blog")!
    static let session = SessionID(rawValue: "sid-Zk2")
    static let zoe = UserID(rawValue: "u_7Zk2")

    let storage: Storage
    private let number = Counter()

    init(storage: Storage) { self.storage = storage }

    /// Issues a code to a client in a session that is there, or starts now.
    func begin(
        _ name: String, _ client: ClientID, in session: String = "sid-Zk2", _ digest: TokenDigest = .numbered(201),
        of user: String = "u_7Zk2", expiresAt: Timestamp? = nil
    ) async throws {
        if try await storage.users.find(UserID(rawValue: user)) == nil {
            _ = try await storage.users.insert(.withNothingOptional(id: user, email: "\(user)@example.org"))
        }
        if try await storage.sessions.list(of: UserID(rawValue: user), at: .noon).allSatisfy({
            $0.id.rawValue != session
        }) {
            try await storage.sessions.start(
                .withEveryFieldSet(digest: digest, id: session, user: user), replacing: nil)
        }
        let count = number.next()
        try await storage.codes.issue(
            .withEveryFieldSet(digest: .numbered(count), grant: "g\(count)", client: client.rawValue),
            under: .living(id: "g\(count)", client: client.rawValue, user: user, session: session),
            in: .living(name, client, session: session, user: user, expiresAt: expiresAt))
    }

    /// Whatever comes first, the end of a session or a participation in it: none goes on afterwards.
    func checkBirths() async throws {
        for round in 0..<8 {
            let (session, end) = ("sid-\(round)", TokenDigest.numbered(220 + round))
            try await begin("p-\(round)", Scene.shop, in: session, end)
            let numbers = Counter()
            _ = try await concurrently(9) {
                let number = numbers.next()
                guard number != 4 else {
                    return round.isMultiple(of: 2)
                        ? try await storage.sessions.end(end, at: .noon) != nil
                        : try await storage.sessions.endAll(of: Scene.zoe, except: nil, at: .noon) == 1
                }
                let name = "\(round)-\(number)"
                return try await storage.grants.begin(
                    .living(id: "g-\(name)", client: "client-\(number)", session: session),
                    in: .living("p-\(name)", ClientID("client-\(number)")!, session: session)) != nil
            }
            let living = try await storage.participations.living(in: SessionID(rawValue: session), at: .noon)
            #expect(living == [])
        }
    }

    func endSession() async throws { _ = try await storage.sessions.end(.numbered(201), at: .noon) }

    func living() async throws -> [Participation] {
        try await storage.participations.living(in: Scene.session, at: .noon)
    }

    func ended() async throws -> [String] {
        try await storage.participations.list(after: nil, limit: 9).map(\.id.rawValue)
    }

    func claim(_ client: ClientID, at now: Timestamp = .noon) async throws -> Participation? {
        try await storage.participations.claim(for: client, at: now, until: now + .seconds(60))
    }
}

extension Participation {
    /// One that goes on, in a session of eight hours.
    public static func living(
        _ id: String, _ client: ClientID = ClientID("shop 1~")!, session: String = "sid-Zk2", user: String = "u_7Zk2",
        expiresAt: Timestamp? = nil
    ) -> Participation {
        Participation(
            id: ParticipationID(rawValue: id), sessionID: SessionID(rawValue: session), clientID: client,
            userID: UserID(rawValue: user), createdAt: .noon, expiresAt: expiresAt ?? .noon + .seconds(8 * 3600))
    }
}

import MartletTesting
import OAuthTypes
import Stores

// Stores with one fault each, and the law that must notice it.

enum CodeFault: CaseIterable, Sendable {
    case losesTheNonce, isFreshForEver, livesAMomentLonger, hidesConflicts, sweepsTheLiving, ignoresTheLimit
    case forgetsReplays, ignoresRevocation

    var law: AuthorizationCodeStoreLaw {
        switch self {
        case .losesTheNonce: .everyFieldComesBack
        case .isFreshForEver: .redeemsOnceUnderContention
        case .livesAMomentLonger: .expiredIsGone
        case .hidesConflicts: .bothOrNeither
        case .sweepsTheLiving, .ignoresTheLimit: .sweepSparesTheLiving
        case .forgetsReplays: .replayNamesTheGrant
        case .ignoresRevocation: .aRevokedGrantRedeemsNothing
        }
    }
}

struct BrokenCodes: AuthorizationCodeStore {
    let base: any AuthorizationCodeStore
    let fault: CodeFault

    func issue(_ code: AuthorizationCode, under grant: Grant, in participation: Participation?) async throws {
        var kept = code
        if fault == .losesTheNonce {
            kept = AuthorizationCode(
                digest: code.digest, grantID: code.grantID, clientID: code.clientID, redirectURI: code.redirectURI,
                codeChallenge: code.codeChallenge, nonce: nil, issuedAt: code.issuedAt, expiresAt: code.expiresAt
            )
        }
        do {
            try await base.issue(kept, under: grant, in: participation)
        } catch {
            guard fault == .hidesConflicts else { throw error }
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> IssuedCode? {
        try await base.find(digest, at: fault == .livesAMomentLonger ? now - .microseconds(1) : now)
    }

    func redeem(_ digest: TokenDigest, at now: Timestamp) async throws -> Redemption {
        let redemption = try await base.redeem(digest, at: now)
        let isSpared: Bool =
            switch (fault, redemption) {
            case (.isFreshForEver, .replayed), (.ignoresRevocation, .unknown): true
            default: false
            }
        if isSpared, try await base.find(digest, at: now) != nil { return .fresh }
        if fault == .forgetsReplays, case .replayed = redemption { return .unknown }
        return redemption
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(
            expiredBy: fault == .sweepsTheLiving ? now + .seconds(3600) : now,
            limit: fault == .ignoresTheLimit ? 1000 : limit
        )
    }
}

enum GrantFault: CaseIterable, Sendable {
    case takesEveryRequestForARetry, graceWithoutEnd, ignoresExpiry, revokesNothing, forgivesReuse, blamesTheUnknown
    case rotatesForEverybody, movesTheRevocation, losesTheFamily, asksNobodyWhoTheyAre, tellsStrangersOfReuse
    case holdsForTheRevoked, holdsForTheDisabled, holdsForTheExpired, showsThePassword
    case losesTheDetails
    case listsTheExpired, listsAPairAgain, beginsForTheSignedOut, losesWhatBegins
    case beginsUnderAnEndedSession, isBornBehindTheEnd, takesTheUsedForUnused, endsTheGrantsOfNobody

    var law: GrantStoreLaw {
        switch self {
        case .takesEveryRequestForARetry: .anotherRequestWithinTheGraceIsReuse
        case .graceWithoutEnd: .aRetryAfterTheGraceIsReuse
        case .ignoresExpiry: .idleExpiryEndsTheFamily
        case .revokesNothing: .aRevokedFamilyStaysRevoked
        case .forgivesReuse: .twoBackIsReuse
        case .blamesTheUnknown: .fromTheFutureIsUnknown
        case .rotatesForEverybody: .rotatesOnceUnderContention
        case .movesTheRevocation: .revokingAgainKeepsTheMoment
        case .losesTheFamily: .rotationSpendsTheToken
        case .asksNobodyWhoTheyAre, .tellsStrangersOfReuse: .anotherClientSpendsNothing
        case .holdsForTheRevoked, .holdsForTheDisabled, .holdsForTheExpired, .showsThePassword,
            .losesTheDetails:
            .theHolderIsTheLivingPersonOfALivingGrant
        case .listsTheExpired, .listsAPairAgain: .namesTheClientsOfEachSessionOnce
        case .beginsForTheSignedOut: .beginsNothingForWhoWasSignedOut
        case .losesWhatBegins: .beginsWithoutACode
        case .beginsUnderAnEndedSession: .beginsNothingUnderAnEndedSession
        case .isBornBehindTheEnd: .noneIsBornBehindTheEndOfItsSession
        case .takesTheUsedForUnused: .knowsWhoseSessionNobodyUses
        case .endsTheGrantsOfNobody: .endsTheGrantsOfOneSession
        }
    }
}

struct BrokenGrants: GrantStore {
    let base: any GrantStore
    let users: any UserStore
    let fault: GrantFault

    func begin(_ grant: Grant, in participation: Participation?) async throws -> Grant? {
        if fault == .losesWhatBegins { return grant }
        let begun = try await base.begin(grant, in: participation)
        return fault == .beginsForTheSignedOut || fault == .beginsUnderAnEndedSession ? grant : begun
    }

    func find(_ id: GrantID, at now: Timestamp) async throws -> Grant? {
        var grant = try await base.find(id, at: now)
        if fault == .losesTheFamily { grant?.refresh?.request = nil }
        if fault == .movesTheRevocation, grant?.revokedAt != nil { grant?.revokedAt = .noon + .seconds(4) }
        return grant
    }

    func holder(of id: GrantID, at now: Timestamp, withDetails: Bool) async throws -> GrantHolder? {
        let holder = try await base.holder(of: id, at: now, withDetails: withDetails)
        if fault == .losesTheDetails {
            return holder.map { GrantHolder(user: $0.user, claims: $0.claims, details: nil) }
        }
        if fault == .showsThePassword, let holder, let user = try await users.find(holder.user.id) {
            return GrantHolder(user: user, claims: holder.claims, details: holder.details)
        }
        guard holder == nil, let grant = try await base.find(id, at: .noon),
            let user = try await users.find(grant.userID)
        else { return holder }
        switch fault {
        case .holdsForTheRevoked where grant.revokedAt != nil && user.disabledAt == nil:
            return GrantHolder(user: user, claims: grant.claims, details: nil)
        case .holdsForTheDisabled where user.disabledAt != nil:
            return GrantHolder(user: user, claims: grant.claims, details: nil)
        case .holdsForTheExpired where now >= grant.expiresAt:
            return GrantHolder(user: user, claims: grant.claims, details: nil)
        default: return nil
        }
    }

    func clients(of user: UserID, at now: Timestamp) async throws -> [SessionClient] {
        let pairs = try await base.clients(of: user, at: fault == .listsTheExpired ? .noon : now)
        if fault == .isBornBehindTheEnd {
            return [SessionClient(sessionID: SessionID(rawValue: "sid-0"), clientID: Grant.living().clientID)]
        }
        return fault == .listsAPairAgain ? pairs + pairs : pairs
    }

    func rotate(_ attempt: RotationAttempt) async throws -> Rotation {
        let owner = try await base.find(attempt.grantID, at: attempt.now)?.clientID
        let changed = RotationAttempt(
            grantID: attempt.grantID,
            clientID: fault == .asksNobodyWhoTheyAre ? owner ?? attempt.clientID : attempt.clientID,
            generation: attempt.generation,
            request: fault == .takesEveryRequestForARetry ? .numbered(0) : attempt.request,
            now: fault == .ignoresExpiry ? .noon : attempt.now,
            grace: fault == .graceWithoutEnd ? .seconds(1 << 40) : attempt.grace, idleLifetime: attempt.idleLifetime
        )
        let rotation = try await base.rotate(changed)
        switch (fault, rotation) {
        case (.forgivesReuse, .reused): return .unknown
        case (.tellsStrangersOfReuse, .foreign): return .reused(attempt.grantID)
        case (.blamesTheUnknown, .unknown): return .reused(attempt.grantID)
        case (.rotatesForEverybody, .reused(let id)):
            return try await base.find(id, at: attempt.now).map(Rotation.rotated) ?? .unknown
        default: return rotation
        }
    }

    func revoke(_ id: GrantID, at now: Timestamp) async throws {
        if fault != .revokesNothing { try await base.revoke(id, at: now) }
    }

    func owner(ofUnused session: SessionID, since moment: Timestamp, at now: Timestamp) async throws -> UserID? {
        let since = fault == .takesTheUsedForUnused ? Timestamp(microseconds: .max) : moment
        return try await base.owner(ofUnused: session, since: since, at: now)
    }

    func revokeAll(of session: SessionID, of user: UserID, at now: Timestamp) async throws {
        if fault != .endsTheGrantsOfNobody { try await base.revokeAll(of: session, of: user, at: now) }
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: now, limit: limit)
    }
}

enum InteractionFault: CaseIterable, Sendable {
    case finishesForEverybody, choosesForTheFinished, losesTheSession

    var law: InteractionStoreLaw {
        switch self {
        case .finishesForEverybody: .finishesOnceUnderContention
        case .choosesForTheFinished: .finishedTakesNoChoice
        case .losesTheSession: .choiceIsNoted
        }
    }
}

struct BrokenInteractions: InteractionStore {
    let base: any InteractionStore
    let fault: InteractionFault

    func insert(_ interaction: Interaction) async throws { try await base.insert(interaction) }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Interaction? {
        var interaction = try await base.find(digest, at: now)
        if fault == .losesTheSession { interaction?.sessionID = nil }
        return interaction
    }

    func choose(_ session: SessionID, for digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        let isNoted = try await base.choose(session, for: digest, at: now)
        return isNoted || fault == .choosesForTheFinished
    }

    func finish(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        let isFirst = try await base.finish(digest, at: now)
        return isFirst || fault == .finishesForEverybody
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: now, limit: limit)
    }
}

enum SessionFault: CaseIterable, Sendable {
    case keepsTheOneBefore, endsWithoutRevoking, livesAMomentLonger, writesEveryUse, listsInNoOrder, sparesNobody
    case renewsIntoTwo, revives, forgetsTheClientsOfTheOneBefore, findsAnybodys

    var law: SessionStoreLaw {
        switch self {
        case .keepsTheOneBefore: .startingEndsTheOneBefore
        case .endsWithoutRevoking: .endingRevokesWhatHangsOnIt
        case .livesAMomentLonger: .expiredIsGone
        case .writesEveryUse: .aUseIsNotedOnceInAWhile
        case .listsInNoOrder: .listsTheLivingOfOnePerson
        case .sparesNobody: .endsAllButOne
        case .renewsIntoTwo: .renewsOnceUnderContention
        case .revives: .anEndedSessionIsNotRenewed
        case .forgetsTheClientsOfTheOneBefore: .startingEndsWhatHangsOnTheOneBefore
        case .findsAnybodys: .isFoundByItsNameAndItsOwner
        }
    }
}

struct BrokenSessions: SessionStore {
    let base: any SessionStore
    let fault: SessionFault

    func start(_ session: Session, replacing old: TokenDigest?) async throws {
        let forgets = fault == .keepsTheOneBefore || fault == .forgetsTheClientsOfTheOneBefore
        try await base.start(session, replacing: forgets ? nil : old)
    }

    func renew(_ session: Session, from old: TokenDigest, at now: Timestamp) async throws -> Bool {
        switch fault {
        case .renewsIntoTwo, .revives:
            try await base.start(session, replacing: old)
            return true
        default: return try await base.renew(session, from: old, at: now)
        }
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
        try await base.find(digest, at: fault == .livesAMomentLonger ? now - .microseconds(1) : now)
    }

    func find(_ id: SessionID, of user: UserID, at now: Timestamp) async throws -> Session? {
        if fault == .findsAnybodys { return try await base.list(of: UserID(rawValue: "u_7Zk2"), at: now).first }
        return try await base.find(id, of: user, at: now)
    }

    func touch(
        _ digest: TokenDigest, from network: String?, at now: Timestamp, unlessSince moment: Timestamp
    ) async throws {
        let limit = fault == .writesEveryUse ? now + .seconds(1) : moment
        try await base.touch(digest, from: network, at: now, unlessSince: limit)
    }

    func list(of user: UserID, at now: Timestamp) async throws -> [Session] {
        let sessions = try await base.list(of: user, at: now)
        return fault == .listsInNoOrder ? sessions.reversed() : sessions
    }

    func endAll(of user: UserID, except digest: TokenDigest?, at now: Timestamp) async throws -> Int {
        try await base.endAll(of: user, except: fault == .sparesNobody ? nil : digest, at: now)
    }

    func end(_ digest: TokenDigest, at now: Timestamp) async throws -> Session? {
        guard fault == .endsWithoutRevoking else { return try await base.end(digest, at: now) }
        return try await base.find(digest, at: now)
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: now, limit: limit)
    }
}

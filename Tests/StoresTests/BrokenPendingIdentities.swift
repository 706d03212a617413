import MartletTesting
import OAuthTypes
import Stores

// A store of people who wait, with one fault each, and the law that must notice it.

enum PendingIdentityFault: CaseIterable, Sendable {
    case losesTheSession, inventsAnAccount, findsTheUnknown, outlivesItsTime, isTakenTwice, endsAnybody
    case foldsSessions, endsWhoCameLater, outlivesTheAccount, needsNobody, sweepsTheLiving
    case waitsElsewhere

    var law: PendingIdentityStoreLaw {
        switch self {
        case .losesTheSession: .everyFieldComesBack
        case .inventsAnAccount: .absentFieldsStayAbsent
        case .findsTheUnknown: .unknownIsNil
        case .outlivesItsTime: .expiredIsGone
        case .isTakenTwice: .isTakenOnceUnderContention
        case .endsAnybody: .endsByTheSubject
        case .foldsSessions: .endsByTheSessionAtTheProvider
        case .endsWhoCameLater: .sparesWhoCameLater
        case .outlivesTheAccount: .endsWithWhatTheAccountHasOpen
        case .needsNobody: .keepsTheFirstFactorAlive
        case .sweepsTheLiving: .sweepSparesTheLiving
        case .waitsElsewhere: .itRestsWhileTheConnectorIsDisabled
        }
    }
}

struct BrokenPendingIdentities: PendingIdentityStore {
    let base: any PendingIdentityStore
    let fault: PendingIdentityFault

    func note(_ identity: PendingIdentity) async throws {
        let isForNobody = fault == .outlivesTheAccount
        try await base.note(
            PendingIdentity(
                digest: identity.digest, browser: identity.browser,
                connector: fault == .waitsElsewhere ? ConnectorID(rawValue: "h") : identity.connector,
                subject: identity.subject,
                providerSession: fault == .losesTheSession ? nil : identity.providerSession,
                userID: isForNobody
                    ? nil : identity.userID ?? (fault == .inventsAnAccount ? UserID(rawValue: "u_7Zk2") : nil),
                sealed: identity.sealed, createdAt: identity.createdAt, expiresAt: identity.expiresAt))
    }

    func find(_ digest: TokenDigest, at now: Timestamp) async throws -> PendingIdentity? {
        if fault == .findsTheUnknown, digest == .numbered(1) { return .withNothingOptional() }
        return try await base.find(digest, at: fault == .outlivesItsTime ? .noon : now)
    }

    func take(_ digest: TokenDigest, at now: Timestamp) async throws -> Bool {
        if fault == .needsNobody { return true }
        let isTaken = try await base.take(digest, at: now)
        return isTaken || fault == .isTakenTwice
    }

    func end(
        _ connector: ConnectorID, subject: String?, providerSession: String?, since moment: Timestamp
    ) async throws -> Int {
        try await base.end(
            connector, subject: fault == .endsAnybody ? PendingIdentity.withEveryFieldSet().subject : subject,
            providerSession: fault == .foldsSessions ? providerSession?.lowercased() : providerSession,
            since: fault == .endsWhoCameLater ? moment + .seconds(1) : moment)
    }

    func sweep(expiredBy now: Timestamp, limit: Int) async throws -> Int {
        try await base.sweep(expiredBy: fault == .sweepsTheLiving ? now + .seconds(2) : now, limit: limit)
    }
}

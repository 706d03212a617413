/// What the stores ask a database: each call has one of these names, under which it is timed.
///
/// A closed list, so that the names in the metrics never come from anybody's input.
public enum StoreOperation: Int, Sendable, CaseIterable {
    case insertUser, findUser, findUserByEmail, listUsers, setPassword, upgradePassword, renameUser, disableUser
    case changePassword, removePassword, setLanguage, changeMailCodes, importUsers, enableUser, findSignOut,
        findHashNear
    case insertClient, findClient, listClients, listScopes, replaceClient, removeClient
    case startSession, renewSession, findSession, touchSession, listSessions, endSession, endSessions, sweepSessions
    case findSessionOfUser
    case insertInteraction, findInteraction, chooseSession, finishInteraction, sweepInteractions
    case issueCode, findCode, redeemCode, findReplay, sweepCodes
    case beginGrant, findGrant, findHolder, listSessionClients, rotateGrant, revokeGrant, sweepGrants, findSessionOwner,
        revokeSessionGrants
    case findConsent, listConsents, rememberConsent, withdrawConsent
    case listKeys, beginKeys, rotateKeys, dropKeys, addKey, promoteKey, placeKey, revokeKey, retireKeys
    case proposeTOTPKey, findTOTPKey, confirmTOTPKey, spendTOTPStep, removeTOTPKey
    case replaceRecoveryCodes, spendRecoveryCode, countRecoveryCodes
    case rememberDevice, findDevice, listDevices, forgetDevice, forgetDevices, sweepDevices
    case noteFirstFactor, findFirstFactor, takeFirstFactor, sweepFirstFactors
    case addPasskey, countPasskeys, findPasskey, listPasskeys, usePasskey, renamePasskey, removePasskey, removePasskeys
    case spendChallenge, findSpent, sweepChallenges
    case beginSignIn, findSignInLock, withdrawSignIn, forgetSignIns, sweepSignIns
    case orderMail, findDueMail, claimMails, sentMail, failedMail, giveUpMail, retryMail, listMails, countMails,
        sweepMails
    case openProof, armProof, findProof, findProofByLink, guessProof, spendProof, resendProof, resetPassword,
        createAccount
    case appendAuditEvents, listUnlinkedAuditEvents, findAuditHead, linkAuditEvents, listAuditEvents
    case findAuditEvents, findAuditEventsOfUser, findAuditPlace, pruneAudit
    case addAuditCheckpoint, listAuditCheckpoints, findAuditCheckpoint
    case findPersonKey, keepPersonKey, erasePerson
    case changeEmail, sweepProofs
    case openRecourse, armRecourse, findRecourse, findRecourseByLink, restoreEmail, disownSignIn, sweepRecourses
    case findHolds, leaveAccount, stayAccount, listDeletions, eraseDeleted, sweepFreezes
    case findProfile, replaceProfile, listProfileSources, tellProfile
    case listParticipants, listUntold, claimUntold, findUntold, toldParticipant, failedParticipant, giveUpParticipant,
        retryParticipant, listEnded, countEnded, sweepParticipations
    case findMemberships, replaceMemberships, addMembership, removeMembership, listMemberships, listMembers
    case insertOpaqueToken, findOpaqueToken, revokeOpaqueToken, sweepOpaqueTokens
    case insertResource, listResources, replaceResource, removeResource
    case insertConnector, findConnector, listConnectors, replaceConnector, removeConnector
    case findLink, listLinks, linkIdentity, createLinkedAccount, useLink, unlinkIdentity,
        countOpenedByConnector, listLinksOfConnector
    case noteUpstreamSession, findUpstreamSession, listUpstreamSessions, listUpstreamSessionsOfSubject,
        listUpstreamSessionsOfConnector
    case replaceUpstreamTokens, sweepUpstreamSessions
    case notePendingIdentity, findPendingIdentity, takePendingIdentity, endPendingIdentities, sweepPendingIdentities
    case readVersion

    /// The name as metrics write it, such as `rotate_grant`.
    public var name: String {
        String("\(self)".flatMap { $0.isUppercase ? ["_", Character($0.lowercased())] : [$0] })
    }
}

/// Is told what each call took in nanoseconds, waiting and failures included.
///
/// Called where the caller goes on, often: it must be quick.
public typealias StoreObserver = @Sendable (StoreOperation, _ nanoseconds: UInt64) -> Void

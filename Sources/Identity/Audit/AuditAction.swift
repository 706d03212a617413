/// What the log of security events tells of.
///
/// The words stand in records that stay for years: none ever gets another meaning.
public enum AuditAction: String, Sendable, CaseIterable {
    // MARK: Signing in and out

    /// Somebody signed in, or tried to; refused attempts at the password count here.
    case signIn = "sign_in"
    /// Somebody knew the password of an account, or was proven by a connector that opens it, and was asked for its second
    /// factor.
    case passwordProven = "password_proven"
    /// A password was not compared, since the directory that keeps it gave no answer; no failure of whoever typed it.
    case directorySilent = "directory_silent"
    /// Somebody tried the second factor of a person whose password was right.
    case secondFactor = "second_factor"
    /// A recovery code was used up.
    case recoveryCodeUsed = "recovery_code_used"
    /// A person signed out of a browser.
    case signOut = "sign_out"
    /// Other sessions of a person were ended.
    case sessionsEnded = "sessions_ended"

    // MARK: What a person does to their account

    /// An account was made by its owner.
    case signUp = "sign_up"
    /// A link to a new password was asked for.
    case resetAsked = "reset_asked"
    /// A password was replaced by whoever reads the account's mail.
    case passwordReset = "password_reset"
    /// A person changed their password.
    case passwordChanged = "password_changed"
    /// A person took the password off their account.
    case passwordRemoved = "password_removed"
    /// A person asked for another address.
    case emailChangeAsked = "email_change_asked"
    /// The address of an account is another one.
    case emailChanged = "email_changed"
    /// A change of the address was undone from the old one.
    case emailChangeUndone = "email_change_undone"
    /// Name or language of an account changed.
    case profileChanged = "profile_changed"
    /// An app for codes was set up.
    case authenticatorAdded = "authenticator_added"
    /// An app for codes was switched off.
    case authenticatorRemoved = "authenticator_removed"
    /// Codes by mail were switched on.
    case mailCodesAdded = "mail_codes_added"
    /// Codes by mail were switched off.
    case mailCodesRemoved = "mail_codes_removed"
    /// New recovery codes were made; those before work no more.
    case recoveryCodesMade = "recovery_codes_made"
    /// A passkey was registered.
    case passkeyAdded = "passkey_added"
    /// A passkey got another name.
    case passkeyRenamed = "passkey_renamed"
    /// A passkey was removed.
    case passkeyRemoved = "passkey_removed"
    /// A passkey was used whose counter says that there is a copy of it.
    case passkeyCloned = "passkey_cloned"
    /// A person at a connector was linked to an account, or tried to be.
    case identityLinked = "identity_linked"
    /// A link was removed.
    case identityUnlinked = "identity_unlinked"
    /// A browser needs no second factor for a while.
    case deviceRemembered = "device_remembered"
    /// Browsers need a second factor again.
    case deviceForgotten = "device_forgotten"
    /// A person said of a sign-in that it was not theirs.
    case signInDisowned = "sign_in_disowned"
    /// A person asked for the end of their account.
    case deletionAsked = "deletion_asked"
    /// A person wants to keep the account after all.
    case deletionUndone = "deletion_undone"

    // MARK: What clients may do

    /// A person let a client have scopes, or refused to.
    case consent = "consent"
    /// A person took back what a client was allowed.
    case consentWithdrawn = "consent_withdrawn"
    /// A code was shown that was used before; what it had issued is revoked.
    case codeReplayed = "code_replayed"
    /// A refresh token was shown that was used before; its family is revoked.
    case refreshReplayed = "refresh_replayed"
    /// A grant was revoked.
    case grantRevoked = "grant_revoked"
    /// A client gave a token of its own back.
    case tokenRevoked = "token_revoked"
    /// A client got a person's token at a connector.
    case upstreamTokenGiven = "upstream_token_given"
    /// Tokens were issued; noted only where the operator asks for it.
    case tokensIssued = "tokens_issued"
    /// A client did not prove who it is.
    case clientRefused = "client_refused"

    // MARK: What an operator does

    /// An account was made.
    case accountAdded = "account_added"
    /// Accounts were taken over from elsewhere, many at once.
    case accountsImported = "accounts_imported"
    /// Somebody was invited to make one.
    case accountInvited = "account_invited"
    /// A password was set.
    case passwordSet = "password_set"
    /// A second factor was taken away.
    case secondFactorReset = "second_factor_reset"
    /// An account was disabled.
    case accountDisabled = "account_disabled"
    /// An account can be used again.
    case accountEnabled = "account_enabled"
    /// Everything that is held on a person was given out.
    case accountExported = "account_exported"
    /// An account is gone, and what tells of the person is unreadable for good.
    case accountErased = "account_erased"
    /// A client was registered.
    case clientAdded = "client_added"
    /// A token was made with which somebody may register a client.
    case registrationTokenMade = "registration_token_made"
    /// A client was changed.
    case clientChanged = "client_changed"
    /// A client got another secret.
    case clientSecretRotated = "client_secret_rotated"
    /// A client was removed.
    case clientRemoved = "client_removed"
    /// A resource was configured.
    case resourceAdded = "resource_added"
    /// A resource was changed.
    case resourceChanged = "resource_changed"
    /// A resource was removed.
    case resourceRemoved = "resource_removed"
    /// Somebody was put into a group, or given a role.
    case membershipAdded = "membership_added"
    /// Somebody was taken out of a group, or a role was taken from them.
    case membershipRemoved = "membership_removed"
    /// A connector was set up.
    case connectorAdded = "connector_added"
    /// A connector was changed, disabled or enabled.
    case connectorChanged = "connector_changed"
    /// A connector was removed, with every link to it.
    case connectorRemoved = "connector_removed"
    /// The next signing key signs.
    case keyRotated = "key_rotated"
    /// A signing key was dropped.
    case keyRevoked = "key_revoked"
    /// A signing key of elsewhere was taken in.
    case keyImported = "key_imported"
    /// This log was given out.
    case logExported = "log_exported"

    // MARK: What the server does by itself

    /// From here on this log is signed with another key.
    case logKeyChanged = "log_key_changed"
    /// A client could not be told that a session is over.
    case clientNotTold = "client_not_told"
    /// Old events were removed.
    case logPruned = "log_pruned"
}

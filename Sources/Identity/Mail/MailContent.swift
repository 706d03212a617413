public import OAuthTypes

/// What a mail says, before it has words; the templates have those.
public enum MailContent: Sendable, Equatable {
    /// A link that sets a new password.
    case resetPassword(name: String, link: String)
    /// A new password was asked for, and it is kept elsewhere.
    case passwordElsewhere(name: String, keeper: PasswordKeeper)
    /// The password has changed; `link` is for who did not do it, or leads to where another one can be asked for.
    case passwordChanged(name: String, at: Timestamp, link: String, isRecourse: Bool)
    /// A link and a code that prove an address.
    case signUp(name: String, code: String, link: String)
    /// Somebody wanted to sign up with an address that has an account; `link` leads to where a password is set anew.
    case accountExists(name: String, link: String)
    /// A link that opens the sign-up.
    case invitation(link: String)
    /// A link and a code that prove an address for an account.
    case changeEmail(code: String, link: String)
    /// Somebody wanted an address for their account that is the reader's; `link` leads to where a password is set anew.
    case emailInUse(name: String, link: String)
    /// The account has another address; `link` takes that back, until a moment.
    case emailChanged(name: String, at: Timestamp, until: Timestamp, link: String)
    /// The account has this address now.
    case emailTaken(name: String)
    /// Something has changed; `link` is for who did not do it.
    case notice(AccountNotices.Event, name: String, at: Timestamp, link: String)
    /// The account is deleted at a moment; `link` keeps it.
    case deletion(name: String, at: Timestamp, link: String)
    /// Attempts failed too often, at the second factor or at the password; `link` leads to where a password is set anew.
    case lockedOut(isSecondFactor: Bool, network: String?, name: String, at: Timestamp, link: String)
    /// A code for somebody whose password was right; `link` leads to where a password is set anew, nil where they came by a
    /// provider and there is none.
    case signInCode(code: String, name: String, link: String?)
    /// Somebody asked for a new password of an account that is not there.
    case noAccount
    /// Mail arrives.
    case test
}

/// Gives a mail its words, in the language of a tag; the default where it is nil or there is no such language any more.
public typealias MailWriter = @Sendable (MailContent, String?) throws -> MailText

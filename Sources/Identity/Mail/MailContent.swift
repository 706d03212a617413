public import OAuthTypes

/// What a mail says, before it has words; the templates have those.
public enum MailContent: Sendable, Equatable {
    /// A link that sets a new password.
    case resetPassword(name: String, link: String)
    /// The password has changed; `link` leads to where another one can be asked for.
    case passwordChanged(name: String, at: Timestamp, link: String)
    /// A link and a code that prove an address.
    case signUp(name: String, code: String, link: String)
    /// Somebody wanted to sign up with an address that has an account; `link` leads to where a password is set anew.
    case accountExists(name: String, link: String)
    /// A link that opens the sign-up.
    case invitation(link: String)
    /// Mail arrives.
    case test
}

/// Gives a mail its words, in the language of a tag; the default where it is nil or there is no such language any more.
public typealias MailWriter = @Sendable (MailContent, String?) throws -> MailText

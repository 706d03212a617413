/// Whether the authenticator must make sure who the user is, by PIN or body: WebAuthn §5.8.6.
///
/// `discouraged` is not offered: it saves a touch and loses a factor.
public enum UserVerification: String, Sendable, CaseIterable {
    /// An answer without it is refused.
    case required
    /// The answer tells whether it took place.
    case preferred
}

/// Who may make an account.
public enum SignUpMode: String, Sendable, CaseIterable {
    /// Whoever has an address.
    case open
    /// Whom an operator has invited.
    case invitation
    /// Nobody: accounts are made by operators.
    case closed
}

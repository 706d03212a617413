/// What takes mails away: an SMTP server, or the inbox of development mode.
public protocol MailTransport: Sendable {
    /// Hands a mail over; whoever returns has taken it.
    ///
    /// Throws `MailFailure` where it was not taken, or nobody knows.
    func send(_ message: MailMessage) async throws
}

/// Why a mail was not taken.
public struct MailFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened, in our words: never what the server said.
    public let description: String
    /// Whether another attempt would end alike, as for a mailbox that does not exist.
    public let isFinal: Bool

    /// A failure.
    public init(_ description: String, isFinal: Bool) {
        self.description = description
        self.isFinal = isFinal
    }
}

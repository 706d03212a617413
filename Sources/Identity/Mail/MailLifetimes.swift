/// How long what mails carry works; all of them are settings.
public struct MailLifetimes: Sendable, Equatable {
    /// A code, of a sign-up, a change of address or a sign-in (ASVS 6.6.2: ten minutes at most).
    public var code = Duration.seconds(600)
    /// A link that proves an address, and how long that address waits.
    public var link = Duration.seconds(86_400)
    /// A link to a new password (ASVS 6.4.1).
    public var reset = Duration.seconds(1800)

    /// The standard times.
    public init() {}
}

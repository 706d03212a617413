/// How many mails are sent for whoever asks before there is a pause, and how often their codes may be guessed at; all of them
/// are settings.
public struct MailRates: Sendable, Equatable {
    /// To one address for one purpose, such as a forgotten password; at least 2.
    public var perAddress = 5
    /// For one network (/24, IPv6: /48); at least 2.
    public var perNetwork = 30
    /// Changes of one account, each of which its owner is told; at least 2.
    public var changes = 20
    /// Mails a day to one address that say that it is locked; at least 2.
    public var lockOuts = 3
    /// With a code for one sign-up, one change of address or one sign-in, the first one included; at least 1.
    public var perCode = 4
    /// Guesses at one code (ASVS 6.6.3): with five, a chance of one in 200,000.
    public var guesses = 5

    /// How long whoever asked for too much waits at first, and by how much longer each time; three times as long for mails
    /// of sign-ups to one address.
    public var pause = Duration.seconds(300)
    /// How long at most; twice as long for mails of sign-ups, and always less than a link to a new password works.
    public var longestPause = Duration.seconds(1800)
    /// How long codes and links work.
    public var lifetimes = MailLifetimes()

    /// The standard rates.
    public init() {}
}

import Reactor

/// The mails of development mode, kept in memory instead of sent: the last hundred.
public final class Inbox: MailTransport {
    private struct State {
        var mails: [(number: Int, message: MailMessage)] = []
        var count = 0
    }

    private let state = Locked(State())

    private static let limit = 100

    /// An empty inbox.
    public init() {}

    /// Keeps a mail; it never fails.
    public func send(_ message: MailMessage) async throws {
        state.withLock { state in
            state.count += 1
            state.mails.append((state.count, message))
            if state.mails.count > Inbox.limit { state.mails.removeFirst() }
        }
    }

    /// The mails with their numbers, the newest first.
    public var mails: [(number: Int, message: MailMessage)] { state.withLock { $0.mails }.reversed() }

    /// The mail of a number; nil where there is none any more.
    public func mail(_ number: Int) -> MailMessage? {
        state.withLock { state in state.mails.first { $0.number == number }?.message }
    }
}

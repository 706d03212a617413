import AuthorizationServer
import HTTP
import Identity
import JOSE
import OAuthTypes
import Observability
import Pages
import Reactor
import Stores
import Web

/// Sends what was ordered, for as long as the server runs, on whichever node is first.
struct MailDispatch: Sendable {
    private let office: PostOffice
    private let mails: any MailStore
    private let clock: any TimeSource
    private let client: SMTPClient?
    private let log: Log
    private let rounds = Rounds()
    private let figures = SharedFigures()
    /// Where mail is kept instead of sent; nil where it is sent.
    let inbox: Inbox?

    /// How often the stores are asked for mail that is due: what other nodes and commands ordered, and what is tried again.
    private static let pause = Duration.seconds(1)
    /// How often the queue is counted, mails that were given up included: for the metrics alone.
    private static let countInterval = Duration.seconds(10)

    /// What the metrics show, as of the last look.
    private final class SharedFigures: Sendable {
        let last = Locked(OutboxFigures(waiting: 0, givenUp: 0))
        let next = Locked<Timestamp?>(nil)
    }

    /// Nil in production without a mail server.
    init?(
        _ configuration: ServeConfiguration, _ environment: ServerEnvironment, _ masterKey: MasterKey, pages: PageSet,
        places: Places?, directories: any PasswordAuthority, log: Log
    ) throws {
        let transport: any MailTransport
        let sender: Mailbox
        let issuer = environment.issuer
        if let settings = configuration.settings.mail {
            let client = try SMTPClient(settings.server(for: issuer))
            self.client = client
            inbox = nil
            sender = settings.sender
            transport = SMTPTransport(client: client, sender: settings.sender)
        } else {
            guard configuration.common.mode == .development, let nobody = Mailbox("Martlet <no-reply@localhost>") else {
                return nil
            }
            let inbox = Inbox()
            (self.inbox, client, sender, transport) = (inbox, nil, nobody, inbox)
        }
        let texts = MailTexts(
            environment.storage, codes: MailCodes(masterKey, random: environment.random), sender: sender,
            base: issuer.url, host: issuer.hostName, clock: environment.clock, random: environment.random,
            lifetimes: configuration.settings.mailRates.lifetimes,
            tellsUnknown: configuration.settings.tellsUnknown, beside: directories,
            write: pages.mailWriter(
                issuer: issuer.url, lifetimes: configuration.settings.mailRates.lifetimes, places: places))
        office = PostOffice(
            environment.storage, texts: texts, transport: transport, clock: environment.clock
        ) { order, outcome in
            let fields = [LogField.harmless("mail", order.id), .harmless("kind", order.kind.rawValue)]
            switch outcome {
            case .sent: log.info("mail.sent", fields[0], fields[1])
            case .dropped: log.info("mail.dropped", fields[0], fields[1])
            case .postponed(let reason):
                log.warning("mail.postponed", fields[0], fields[1], .harmless("reason", reason))
            case .gaveUp(let reason): log.error("mail.gave_up", fields[0], fields[1], .harmless("reason", reason))
            }
        }
        mails = environment.storage.mails
        clock = environment.clock
        self.log = log
    }

    /// Has what is due sent at once.
    var wake: @Sendable () -> Void { rounds.wake }

    /// The queue, as of the last look.
    var gauges: [Gauge] {
        [
            Gauge("martlet_mails_waiting", help: "Mails that are still to be sent.") { [figures] in
                Double(figures.last.withLock { $0.waiting })
            },
            Gauge("martlet_mails_given_up", help: "Mails that were given up: see martlet mail list.") { [figures] in
                Double(figures.last.withLock { $0.givenUp })
            },
        ]
    }

    /// Sends until its task is cancelled.
    func run(on loop: EventLoop) async {
        if inbox != nil { log.info("mail.inbox", .word("path", "/inbox")) }
        await rounds.run(on: loop, failing: { log.error("mail.failing", .error($0)) }) { try await round() }
        await client?.stop()
    }

    private func round() async throws {
        let now = clock.now
        if figures.next.withLock({ $0.map { $0 <= now } ?? true }) {
            let counted = try await mails.figures()
            figures.last.withLock { $0 = counted }
            figures.next.withLock { $0 = now + MailDispatch.countInterval }
        }
        guard try await mails.isDue(at: now), try await office.deliver() > 0 else { return }
        // What is left over is due at once.
        wake()
    }
}

/// Hands mails to the operator's mail server.
private struct SMTPTransport: MailTransport {
    let client: SMTPClient
    let sender: Mailbox

    func send(_ message: MailMessage) async throws {
        do {
            try await client.send(
                message.encoded, from: sender.address.rawValue, to: message.recipient.rawValue)
        } catch let error as SMTPError {
            throw MailFailure(error.description, isFinal: error.isFinal)
        }
    }
}

public import JOSE
public import OAuthTypes
public import Reactor

/// A directory that compares passwords, on threads of its own: one that hangs delays nobody who does not ask it.
///
/// Nobody waits for it longer than its settings say, and while it does not answer nobody asks for a while.
public final class Directory: Sendable {
    /// How it is set up.
    public let settings: DirectorySettings
    let course: DirectoryCourse
    private let transport: any DirectoryTransport
    let pool: WorkerPool
    private let rest = DirectoryRest()
    private let clock: any TimeSource
    private let pause: @Sendable (Duration) async throws -> Void

    /// Threads that ask.
    static let threads = 4
    /// People who wait for one.
    static let queueLimit = 64

    /// A directory; `secret` is the password of the account that searches, `pause` waits so long, or throws as soon as the
    /// task is cancelled.
    ///
    /// Throws where the kernel gives no thread. The threads end with `stop`, or once nobody has the directory or asks it any
    /// more.
    public init(
        _ settings: DirectorySettings, secret: Secret?, transport: any DirectoryTransport, clock: any TimeSource,
        random: any RandomSource, pause: @escaping @Sendable (Duration) async throws -> Void
    ) throws(SystemError) {
        self.settings = settings
        course = DirectoryCourse(settings: settings, secret: secret, random: random)
        self.transport = transport
        self.clock = clock
        self.pause = pause
        pool = try WorkerPool(name: "directory", threads: Directory.threads, queueLimit: Directory.queueLimit)
    }

    // A question holds it until the answer; what a name service still holds of a question that was given up ends by itself.
    deinit { pool.close() }

    /// Ends the threads, once the questions under way are answered or given up.
    public func stop() async { await pool.stop() }

    /// Whether it is left alone at the moment since it did not answer.
    public var isResting: Bool { rest.isResting(at: now) }

    /// Whether a verdict is to be expected: it does not rest, gave one the last time, and not so many wait that the next ones
    /// are turned away.
    public var isAnswering: Bool {
        !isResting && !rest.isMute(at: now) && pool.waiting < Directory.queueLimit / 2
    }

    private var now: Duration { .microseconds(clock.now.microseconds) }

    /// Compares a password.
    ///
    /// Throws where the directory gives no answer: then nothing is known.
    public func prove(_ email: Email, password: [UInt8]) async throws(DirectoryFault) -> DirectoryVerdict {
        guard settings.admits(email) else { return .refused(.otherDomain) }
        // RFC 4513 §5.1.2: a name without a password proves nothing, and servers say yes to it; what reads texts to their
        // first zero takes others for that. Neither is ever sent.
        guard !password.isEmpty, !password.contains(0) else { return .refused(.wrongPassword) }
        return try await ask { [course] connection throws(DirectoryFault) in
            try course.prove(email, password, over: connection)
        }
    }

    /// Has a conversation on one of the threads, within the time that there is.
    func ask<Reply: Sendable>(
        _ body: @escaping @Sendable (any DirectoryConnection) throws(DirectoryFault) -> Reply
    ) async throws(DirectoryFault) -> Reply {
        guard rest.admits(at: now) else { throw .unavailable(.resting) }
        let asked = now
        let limit = Duration.seconds(settings.patience)
        let call = DirectoryCall(until: .after(limit))
        let answer = Answer<Result<Reply, DirectoryFault>>()
        pool.submit { [transport] refusal in
            answer.give(refusal == nil ? Directory.converse(call, transport, body) : .failure(.busy))
        }
        let result = await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [pause] in
                // The thread is not waited for: a name service may hold it.
                try? await pause(limit)
                call.cut()
                answer.give(.failure(.unavailable(.timedOut)))
            }
            let result = await answer.value
            tasks.cancelAll()
            return result
        }
        switch result {
        case .success, .failure(.unavailable(.tooLarge)): rest.answered(at: now)
        // It answered others meanwhile: a thread of ours was waited for.
        case .failure(.unavailable(.timedOut)) where rest.hasAnswered(since: asked):
            rest.gaveNoVerdict(at: now, isAnswer: false)
        case .failure(let fault) where fault.isFailure:
            // Where we end ourselves, nothing was learned of the directory.
            if !Task.isCancelled { rest.failed(at: now) }
        case .failure(.busy): rest.gaveNoVerdict(at: now, isAnswer: false)
        case .failure: rest.gaveNoVerdict(at: now, isAnswer: true)
        }
        return try result.get()
    }

    private static func converse<Reply>(
        _ call: DirectoryCall, _ transport: any DirectoryTransport,
        _ body: (any DirectoryConnection) throws(DirectoryFault) -> Reply
    ) -> Result<Reply, DirectoryFault> {
        defer { call.letGo() }
        // It waited for a thread too long.
        guard !call.isCut else { return .failure(.unavailable(.timedOut)) }
        do throws(DirectoryFault) {
            return .success(try body(try transport.connect(call)))
        } catch {
            return .failure(error)
        }
    }
}

import AuthorizationServer
import Identity
import JOSE
import OAuthTypes
import Observability
import Reactor
import Stores

/// Keeps the log of security events: writes what was noted on the way, and on one node of all links it into the chain,
/// signs how far it has come and lets go of what is too old.
///
/// Every checkpoint is a line of the server's log: who keeps that elsewhere has what shows an end that was cut off.
struct AuditUpkeep: Sendable {
    let audit: AuditTrail
    private let linker: AuditLinker
    private let clock: any TimeSource
    /// How long events are kept; nil for good.
    private let retention: Duration?
    private let isOnDuty: @Sendable () -> Bool
    private let log: Log

    /// How often what was noted is written and linked.
    static let pause = Duration.seconds(1)
    /// How often it is seen whether a checkpoint is due.
    static let checkpointPause = Duration.seconds(10)
    /// How often old events are looked for.
    static let prunePause = Duration.seconds(3600)

    /// What it remembers from one round to the next.
    struct State {
        var nextCheckpoint: Timestamp
        var nextPrune: Timestamp
        var isFailing = false
    }

    init(
        _ environment: ServerEnvironment, masterKey: MasterKey, audit: AuditTrail, retention: Duration?,
        devices: any DeviceSigning, isOnDuty: @escaping @Sendable () -> Bool, log: Log
    ) {
        self.audit = audit
        linker = AuditLinker(
            environment.storage, issuer: environment.issuer.url, masterKey: masterKey, audit: audit,
            clock: environment.clock, device: { try await devices.sign($0, with: $1) })
        clock = environment.clock
        self.retention = retention
        self.isOnDuty = isOnDuty
        self.log = log
    }

    /// A new server settles down before it looks for old events.
    func begin() -> State { State(nextCheckpoint: clock.now, nextPrune: clock.now + .seconds(90)) }

    /// Goes on until its task is cancelled.
    func run(on loop: EventLoop) async {
        var state = begin()
        while (try? await loop.sleep(until: .after(AuditUpkeep.pause))) != nil {
            await round(&state) { try await loop.sleep(until: .after(.milliseconds(20))) }
        }
    }

    /// One round; what fails is tried again in the next one, and keeps nothing else from being done.
    ///
    /// `rest` is called between batches of what is removed.
    func round(_ state: inout State, rest: () async throws -> Void = {}) async {
        var failures = Failures()
        await failures.note { try await audit.flush() }
        if isOnDuty() {
            let now = clock.now
            await failures.note { try await linker.link() }
            if now >= state.nextCheckpoint {
                await failures.note {
                    try await checkpoint(.due)
                    state.nextCheckpoint = now + AuditUpkeep.checkpointPause
                }
            }
            if now >= state.nextPrune {
                await failures.note {
                    if let retention {
                        let count = try await linker.prune(before: now - retention, pause: rest)
                        if count > 0 { log.info("audit.pruned", .integer("events", count)) }
                    }
                    state.nextPrune = now + AuditUpkeep.prunePause
                }
            }
        }
        if let error = failures.first, !state.isFailing { log.error("audit.failing", .error(error)) }
        state.isFailing = failures.first != nil
    }

    /// Writes what is left, when nobody is answered any more.
    func finish() async {
        var failures = Failures()
        await failures.note { try await audit.flush(closing: true) }
        if isOnDuty() {
            await failures.note {
                try await linker.link()
                try await checkpoint(.anyEvent)
            }
        }
        if let error = failures.first { log.error("audit.failing", .error(error)) }
    }

    /// What failed in one round; that its task was cancelled is no failure.
    private struct Failures {
        private(set) var first: (any Error)?

        mutating func note(_ step: () async throws -> Void) async {
            do {
                try await step()
            } catch is CancellationError {
                return
            } catch {
                first = first ?? error
            }
        }
    }

    private func checkpoint(_ occasion: AuditLinker.Occasion) async throws {
        guard let seal = try await linker.checkpoint(occasion) else { return }
        log.info(
            "audit.checkpoint", .integer("sequence", seal.sequence),
            .harmless("digest", Base64URL.encode(seal.digest.bytes)))
    }
}

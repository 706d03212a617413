import AuthorizationServer
import Identity
import OAuthTypes
import Observability
import Reactor
import Stores

/// Tells clients of sessions that have ended, for as long as the server runs, on whichever node is first.
///
/// A task for each client that is to be told something: one that answers slowly, or not at all, keeps no other waiting, nor
/// the person who signed out.
struct LogoutDispatch: Sendable {
    private let courier: LogoutCourier
    private let store: any ParticipationStore
    private let log: Log
    private let rounds = Rounds()
    private let shared = Shared()

    private struct State {
        /// What the metrics show, as of the last look.
        var figures = OutboxFigures(waiting: 0, givenUp: 0)
        /// Who is being told; each node finds out by itself who does not answer.
        var slots = LogoutSlots()
    }

    private final class Shared: Sendable {
        let state = Locked(State())
    }

    init(_ environment: ServerEnvironment, transport: any LogoutTransport, audit: AuditTrail, log: Log) {
        store = environment.storage.participations
        self.log = log
        courier = LogoutCourier(environment, transport: transport) { notice, outcome in
            let fields = [LogField.harmless("logout", notice.id), .harmless("client", notice.clientID.rawValue)]
            switch outcome {
            case .sent: log.info("logout.told", fields[0], fields[1])
            case .dropped: break
            case .postponed(let reason):
                log.warning("logout.postponed", fields[0], fields[1], .harmless("reason", reason))
            case .gaveUp(let reason):
                log.error("logout.gave_up", fields[0], fields[1], .harmless("reason", reason))
                try await audit.note(
                    .clientNotTold, of: notice.userID, by: .server, with: notice.clientID, from: .here)
            }
        }
    }

    /// The notices, as of the last look.
    var gauges: [Gauge] {
        [
            Gauge("martlet_logouts_waiting", help: "Ends of sessions that clients are still to be told.") { [shared] in
                Double(shared.state.withLock { $0.figures.waiting })
            },
            Gauge("martlet_logouts_given_up", help: "Those that were given up: see martlet logout list.") { [shared] in
                Double(shared.state.withLock { $0.figures.givenUp })
            },
        ]
    }

    /// Tells until its task is cancelled.
    func run(on loop: EventLoop) async {
        await withDiscardingTaskGroup { tasks in
            // A stream of rounds beside the tasks that they start: rounds never wait for a client.
            let (clients, starter) = AsyncStream.makeStream(of: ClientID.self)
            tasks.addTask {
                await rounds.run(on: loop, failing: { log.error("logout.failing", .error($0)) }) {
                    for client in try await due() { starter.yield(client) }
                }
                starter.finish()
            }
            for await client in clients { tasks.addTask { await tell(client) } }
        }
    }

    /// The clients to tell now, marked as being told.
    private func due() async throws -> [ClientID] {
        let figures = try await store.figures()
        shared.state.withLock { $0.figures = figures }
        guard figures.waiting > 0 else { return [] }
        let waiting = try await courier.waiting()
        let free = shared.state.withLock { $0.slots.free(of: waiting, at: .now) }
        var candidates: [LogoutSlots.Candidate] = []
        for client in free {
            candidates.append(.init(client: client, isStrangers: try await courier.isStrangers(client)))
        }
        return shared.state.withLock { [candidates] in $0.slots.take(from: candidates) }
    }

    /// Tells a client all that is due, until it fails to answer.
    private func tell(_ client: ClientID) async {
        var didAnswer = true
        do {
            loop: while !Task.isCancelled, let outcome = try await courier.deliver(to: client) {
                switch outcome {
                case .sent, .dropped: continue
                case .postponed, .gaveUp:
                    didAnswer = false
                    break loop
                }
            }
        } catch is CancellationError {
            // Its lease ends by itself.
        } catch {
            log.error("logout.failing", .error(error))
            didAnswer = false
        }
        shared.state.withLock { [didAnswer] in $0.slots.give(back: client, didAnswer: didAnswer, at: .now) }
    }
}

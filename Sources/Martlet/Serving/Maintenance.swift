import AuthorizationServer
import Identity
import JOSE
import OAuthTypes
import Observability
import Reactor
import SQLStores
import Stores
import Web

/// What has to be done from time to time: to see what others changed, to rotate keys, to sweep what has expired.
///
/// One task owns it. A store that fails is logged once and asked again; it never ends the server.
struct Maintenance: Sendable {
    let environment: ServerEnvironment
    let site: Site
    let masterKey: MasterKey
    let rotation: KeyRotation
    let erasure: Erasure
    let cluster: Cluster
    let loop: EventLoop
    let log: Log

    /// How often the stores are asked whether something changed: the promise is two seconds.
    static let lookInterval = Duration.milliseconds(500)
    /// How often keys are looked at and rows swept.
    static let sweepInterval = Duration.seconds(60)
    /// Rows deleted in one go: other writers have their turn in between.
    static let batch = 500

    /// The nodes that share the database, as far as this one must know.
    struct Cluster: Sendable {
        /// Whether there may be other nodes.
        let isShared: Bool
        /// Whether this node is the one that sweeps and rotates.
        let isOnDuty: @Sendable () -> Bool
        /// Has a function called when another node has changed something.
        let onChange: @Sendable (@escaping @Sendable () -> Void) -> Void

        /// Nobody else.
        static let alone = Cluster(isShared: false, isOnDuty: { true }, onChange: { _ in })
    }

    /// What it remembers from one round to the next.
    struct State {
        /// The version of the stores that is served.
        var version: Int64
        var nextSweep: Timestamp
        var isFailing = false
        /// Nil before the first round.
        var isOnDuty: Bool?
    }

    /// Loads the keys and prepares the documents for the first time.
    func begin() async throws -> State {
        // The version first: what changes from here on is seen as a change.
        let version = try await environment.storage.versions.current()
        try await refresh()
        // A new server settles down before it sweeps.
        return State(version: version, nextSweep: environment.clock.now + .seconds(60))
    }

    /// Goes on until its task is cancelled: looks from time to time, and at once when another node says so.
    func run(_ state: State) async {
        var state = state
        // However many calls come during a round, one more round answers them all.
        let (calls, caller) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        cluster.onChange { caller.yield() }
        await withTaskGroup { tasks in
            tasks.addTask {
                while (try? await loop.sleep(until: .after(Maintenance.lookInterval))) != nil { caller.yield() }
                caller.finish()
            }
            for await _ in calls { await round(&state) }
            tasks.cancelAll()
        }
    }

    /// One round; what fails is tried again in the next one.
    func round(_ state: inout State) async {
        do {
            let version = try await environment.storage.versions.current()
            if version != state.version {
                try await refresh()
                state.version = version
                log.info("stores.changed", .integer("version", version))
            }
            note(cluster.isOnDuty(), &state)
            if environment.clock.now >= state.nextSweep, state.isOnDuty == true {
                try await rotation.maintain()
                try await sweep()
                // Only now: what failed is tried again in the next round, and until then nothing has recovered.
                state.nextSweep = environment.clock.now + Maintenance.sweepInterval
            }
            if state.isFailing { log.info("stores.recovered") }
            state.isFailing = false
        } catch is CancellationError {
            return
        } catch {
            if !state.isFailing { log.error("stores.failing", .error(error)) }
            state.isFailing = true
        }
    }

    private func note(_ isOnDuty: Bool, _ state: inout State) {
        if !cluster.isShared {
            // Nobody could have it but this node: not worth a line.
        } else if isOnDuty, state.isOnDuty != true {
            log.info("duty.taken")
        } else if !isOnDuty, state.isOnDuty == true {
            log.warning("duty.lost")
        }
        state.isOnDuty = isOnDuty
    }

    private func refresh() async throws {
        // Keys that cannot be read keep nobody from seeing what else has changed.
        environment.clients.forget()
        let keys = try await environment.storage.keys.list()
        do {
            try environment.keys.load(keys, opening: masterKey)
        } catch {
            try? await site.reload()
            throw error
        }
        try await site.reload()
    }

    private func sweep() async throws {
        let (storage, now) = (environment.storage, environment.clock.now)
        var rows = 0
        rows += try await inBatches { try await storage.interactions.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.codes.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.sessions.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.grants.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.secondFactors.devices.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.secondFactors.firstFactors.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.secondFactors.spentChallenges.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.attempts.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.mails.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.proofs.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.recourses.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.holds.sweep(expiredBy: now, limit: $0) }
        log.info("stores.swept", .integer("rows", rows))
        // Few at a time: each is a transaction of a dozen statements.
        let accounts = try await inBatches { try await erasure.eraseDue(at: now, limit: $0).count }
        if accounts > 0 { log.info("accounts.erased", .integer("accounts", accounts)) }
    }

    private func inBatches(_ sweep: (Int) async throws -> Int) async throws -> Int {
        var rows = 0
        while true {
            let count = try await sweep(Maintenance.batch)
            rows += count
            guard count == Maintenance.batch else { return rows }
            try await loop.sleep(until: .after(.milliseconds(20)))
        }
    }
}

extension Maintenance.Cluster {
    /// The nodes on one database.
    init(_ storage: SQLStorage) {
        self.init(
            isShared: storage.isShared, isOnDuty: { storage.isOnDuty }, onChange: { storage.onChange($0) })
    }
}

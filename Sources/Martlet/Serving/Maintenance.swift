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
/// One task looks for changes and another one does the rest, which may take long: what was revoked elsewhere is seen in
/// time whatever is swept meanwhile. A store that fails is logged once and asked again; it never ends the server.
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

    /// Accounts erased in one go: each is a transaction of a dozen statements.
    static let erasures = 20

    /// What it remembers from one look to the next.
    struct State {
        /// The version of the stores that is served.
        var version: Int64
        var isFailing = false
        /// Nil before the first look.
        var isOnDuty: Bool?
    }

    /// What it remembers from one sweep to the next.
    struct Chores {
        var next: Timestamp
        var isFailing = false
    }

    /// Loads the keys and prepares the documents for the first time.
    func begin() async throws -> State {
        // The version first: what changes from here on is seen as a change.
        let version = try await environment.storage.versions.current()
        try await refresh()
        return State(version: version)
    }

    /// A new server settles down before it sweeps.
    func chores() -> Chores { Chores(next: environment.clock.now + .seconds(60)) }

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
            tasks.addTask {
                var chores = chores()
                while (try? await loop.sleep(until: .after(Maintenance.lookInterval))) != nil { await keep(&chores) }
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
            if state.isFailing { log.info("stores.recovered") }
            state.isFailing = false
        } catch is CancellationError {
            return
        } catch {
            if !state.isFailing { log.error("stores.failing", .error(error)) }
            state.isFailing = true
        }
    }

    /// Rotates keys, sweeps and erases where this is due and this node's duty; what fails is tried again at the next call.
    func keep(_ chores: inout Chores) async {
        guard environment.clock.now >= chores.next, cluster.isOnDuty() else { return }
        var failure: (any Error)?
        // One that fails holds up no other: a key that cannot be opened is no reason to sweep nothing.
        for chore in [rotation.maintain, sweep] {
            do {
                try await chore()
            } catch is CancellationError {
                return
            } catch {
                failure = failure ?? error
            }
        }
        if let failure {
            if !chores.isFailing { log.error("upkeep.failing", .error(failure)) }
            chores.isFailing = true
            return
        }
        if chores.isFailing { log.info("upkeep.recovered") }
        // Only now: until then nothing has recovered.
        chores = Chores(next: environment.clock.now + Maintenance.sweepInterval)
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
        // All else goes on without them.
        for id in environment.keys.unopened { log.error("keys.unopened", .harmless("key", id)) }
        try await site.reload()
    }

    private func sweep() async throws {
        let (storage, now) = (environment.storage, environment.clock.now)
        var rows = 0
        rows += try await inBatches { try await storage.interactions.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.codes.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.sessions.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.upstreamSessions.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.pendingIdentities.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.grants.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.opaqueTokens.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.secondFactors.devices.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.secondFactors.firstFactors.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.secondFactors.spentChallenges.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.attempts.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.participations.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.mails.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.proofs.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.recourses.sweep(expiredBy: now, limit: $0) }
        rows += try await inBatches { try await storage.holds.sweep(expiredBy: now, limit: $0) }
        log.info("stores.swept", .integer("rows", rows))
        let accounts = try await inBatches(of: Maintenance.erasures) {
            try await erasure.eraseDue(at: now, limit: $0).count
        }
        if accounts > 0 { log.info("accounts.erased", .integer("accounts", accounts)) }
    }

    private func inBatches(
        of batch: Int = Maintenance.batch, _ sweep: (Int) async throws -> Int
    ) async throws -> Int {
        var rows = 0
        while true {
            let count = try await sweep(batch)
            rows += count
            guard count == batch else { return rows }
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

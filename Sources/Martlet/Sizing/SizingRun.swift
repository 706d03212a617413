import Identity
import Reactor

/// Measures everything that the card tells, one thing after the other.
struct SizingRun: Sendable {
    let configuration: Configuration
    /// Nil for the folder that is found.
    let templates: String?
    /// Nil for as many as the machine is good for.
    let passwordWorkers: Int?
    let target: Duration
    /// The most memory of a password hash, in KiB.
    let hashMemory: UInt32
    /// For all measurements together, the calibration apart.
    let duration: Duration
    let folder: ScratchFolder
    /// The loops that do the work.
    let group: EventLoopGroup
    /// The loop that waits and tells how far it is.
    let watch: EventLoop
    let line: StatusLine

    /// Many enough that writes share their transactions as they do under load.
    private static let workersPerLoop = 32

    func card() async throws -> SizingCard {
        let cores = EventLoopGroup.availableCores
        let (started, machine, own) = (Deadline.now, HostFacts.machineTime, HostFacts.processorTime)
        let hash = try await calibrate(cores)
        let threads = SizingCard.hashThreads(
            hash.parameters, set: passwordWorkers, cores: cores, memory: HostFacts.memory)
        let hashing = SizingNode.Hashing(parameters: hash.parameters, threads: threads)
        let node = try await SizingNode(in: folder, configuration.policy, hashing, templates: templates)
        let measured: Measured
        do {
            measured = try await measure(node, hashing)
        } catch {
            await node.close()
            throw error
        }
        await node.close()
        line.clear()

        let elapsed = Double(Deadline.now.nanoseconds - started.nanoseconds) / 1e9
        let others = HostFacts.machineTime.flatMap { now in machine.map { now - $0 } }.map { busy in
            max(0, (busy - (HostFacts.processorTime - own)) / .seconds(1) / elapsed)
        }
        return SizingCard(
            host: SizingCard.Host(
                cores: cores, loops: group.loops.count, memory: HostFacts.memory, busyWithOthers: others,
                folder: folder.parent),
            hash: hash,
            hashThreads: threads,
            measurements: measured.measurements,
            connection: measured.connection,
            memory: SizingCard.Memory(base: measured.base, connections: SizingCard.Memory.mostConnections),
            usage: .workingDay
        )
    }

    private func calibrate(_ cores: Int) async throws -> HashCalibration.Outcome {
        line.put("Looking for the cost of a password hash")
        let stopwatch = HashStopwatch()
        let lanes = UInt32(min(Int(Argon2Parameters.standard.lanes), cores))
        return try await HashCalibration(target: target, memory: hashMemory, lanes: lanes).run { parameters in
            line.put("Measuring a password hash of \(parameters)")
            return try await stopwatch.measure(parameters)
        }
    }

    private struct Measured: Sendable {
        var measurements: [SizingOperation: Measurement] = [:]
        let connection: ConnectionCost
        var base: Int64 = 0
    }

    private func measure(_ node: SizingNode, _ hashing: SizingNode.Hashing) async throws -> Measured {
        // First, while there is no memory from other work that connections could use.
        let connection = try await step("requests", 0.1) { duration in
            try await ConnectionProbe(site: node.site, group: group, duration: duration).run()
        }
        var measured = Measured(connection: connection)
        var known = SizingBrowser(node.site, node.party)
        try await known.signIn()
        let many = Array(repeating: known, count: SizingRun.workersPerLoop * group.loops.count)

        let token = known.accessToken
        measured.measurements[.verification] = try await step("token verifications", 0.1) { duration in
            try await load(duration).run(Array(repeating: token, count: group.loops.count)) { try node.verify($0) }
        }
        measured.measurements[.codeFlow] = try await step("code flows", 0.25) { duration in
            try await load(duration).run(many) { try await $0.codeFlow() }
        }
        // A refresh token each.
        var families = many
        for index in families.indices { try await families[index].codeFlow() }
        measured.measurements[.refresh] = try await step("refreshes", 0.25) { [families] duration in
            try await load(duration).run(families) { try await $0.refresh() }
        }
        measured.base = HostFacts.resident
        // A few more than are hashed at a time, so that no thread waits for a password.
        let strangers = Array(repeating: SizingBrowser(node.site, node.party), count: hashing.threads + 3)
        measured.measurements[.signIn] = try await step("sign-ins", 0.3) { duration in
            try await load(duration).run(strangers) { try await $0.signIn() }
        }
        return measured
    }

    private func load(_ duration: Duration) -> LoadRun { LoadRun(group: group, duration: duration) }

    /// Measures something for its part of the time, and tells how far that is.
    private func step<Result: Sendable>(
        _ name: String, _ part: Double, _ measure: (Duration) async throws -> Result
    ) async throws -> Result {
        let duration = duration * part
        // Cancelled at the end of this function.
        async let _: Void = tell(name, Int((duration / .seconds(1)).rounded(.up)))
        return try await measure(duration)
    }

    private func tell(_ name: String, _ seconds: Int) async {
        for second in 0... {
            line.put("Measuring \(name): \(min(second, seconds)) of \(seconds) s")
            guard (try? await watch.sleep(until: .after(.seconds(1)))) != nil else { return }
        }
    }
}

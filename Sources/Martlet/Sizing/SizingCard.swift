import HTTP
import Identity

/// What a node of this kind can do, what memory it may take, and the settings that make it so.
struct SizingCard: Sendable, Equatable {
    /// Where it was measured.
    struct Host: Sendable, Equatable {
        let cores: Int
        let loops: Int
        /// Bytes that the process may use.
        let memory: Int64
        /// Cores that other programs kept busy meanwhile; nil where that is not known.
        let busyWithOthers: Double?
        /// The folder of the database that was written to.
        let folder: String
    }

    /// What the process had in memory with no hash at work, and how many connections it takes.
    struct Memory: Sendable, Equatable {
        let base: Int64
        let connections: Int
    }

    /// Seconds of the clock and of processors that something takes each time.
    struct Price: Sendable, Equatable {
        let node: Double
        let core: Double

        /// How often a second a node does it.
        var perNode: Double { node > 0 ? 1 / node : 0 }
        /// How often a second a core does it.
        var perCore: Double { core > 0 ? 1 / core : 0 }
    }

    let host: Host
    let hash: HashCalibration.Outcome
    /// Password hashes at a time.
    let hashThreads: Int
    let measurements: [SizingOperation: Measurement]
    let connection: ConnectionCost
    let memory: Memory
    let usage: UsageAssumption

    /// What was measured without sockets, and its requests.
    func price(_ operation: SizingOperation) -> Price {
        guard let measurement = measurements[operation] else { return Price(node: 0, core: 0) }
        let requests = Double(operation.requests) * (connection.request / .seconds(1))
        return Price(
            node: measurement.secondsEach + requests / Double(max(1, host.loops)),
            core: measurement.processorSecondsEach + requests
        )
    }

    /// Bytes of one password hash at work.
    var hashBytes: Int64 { Int64(hash.parameters.memory) * 1024 }

    /// Bytes with every hash at work that may be at a time, and every connection there: those that wait for a hash take
    /// none.
    var ceiling: Int64 {
        memory.base + Int64(hashThreads) * hashBytes + Int64(memory.connections) * connection.bytes
    }

    /// Users that one node is enough for.
    var users: Int { FigureText.lower(usage.users { price($0).node }) }

    /// What to set, for what was measured to hold.
    var settings: [(setting: Setting, value: String)] {
        [(.passwordHash, "\(hash.parameters)"), (.passwordWorkers, "\(hashThreads)")]
    }

    /// How many hashes at a time: what is set, or as many as fill the cores and half of the memory.
    static func hashThreads(_ parameters: Argon2Parameters, set: Int?, cores: Int, memory: Int64) -> Int {
        if let set { return set }
        let fitting = memory / 2 / (Int64(max(1, parameters.memory)) * 1024)
        return max(1, min(parameters.workers(cores: cores), Int(clamping: fitting)))
    }
}

extension SizingCard.Memory {
    /// What a server takes at the same time.
    static let mostConnections = HTTP.ServerConfiguration(listeners: []).maxConnections
}

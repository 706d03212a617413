/// The cost of a password hash: Argon2id, RFC 9106.
public struct Argon2Parameters: Sendable, Equatable {
    /// Memory in KiB.
    public var memory: UInt32
    /// Passes over the memory.
    public var passes: UInt32
    /// Lanes, each a thread.
    public var lanes: UInt32

    /// Parameters by number.
    public init(memory: UInt32, passes: UInt32, lanes: UInt32) {
        self.memory = memory
        self.passes = passes
        self.lanes = lanes
    }

    /// 64 MiB, 3 passes, 2 lanes: about a tenth of a second on two cores.
    public static let standard = Argon2Parameters(memory: 64 * 1024, passes: 3, lanes: 2)

    /// Reads the parameters of an encoded hash (`$argon2id$v=19$m=65536,t=3,p=2$…`); nil for another kind or another version.
    init?(encoded hash: String) {
        let parts = hash.split(separator: "$")
        guard parts.count == 5, parts[0] == "argon2id", parts[1] == "v=19" else { return nil }
        var values: [Substring: UInt32] = [:]
        for pair in parts[2].split(separator: ",") {
            let halves = pair.split(separator: "=")
            guard halves.count == 2, let value = UInt32(halves[1]) else { return nil }
            values[halves[0]] = value
        }
        guard let memory = values["m"], let passes = values["t"], let lanes = values["p"] else { return nil }
        self.init(memory: memory, passes: passes, lanes: lanes)
    }
}

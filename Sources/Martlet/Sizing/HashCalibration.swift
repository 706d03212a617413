import Identity

/// Finds the dearest password hash that takes no longer than a given time: RFC 9106 §4.
///
/// Memory first, since it is what an attacker's hardware has least of: passes are added while there is time, and memory is
/// given up only where the fewest passes are too slow. Below `Argon2Parameters.floor` it never goes.
struct HashCalibration: Sendable, Equatable {
    /// How long a hash may take.
    let target: Duration
    /// The most memory of a hash, in KiB; from that of the floor up.
    let memory: UInt32
    /// The threads of a hash.
    let lanes: UInt32

    /// What was found.
    struct Outcome: Sendable, Equatable {
        let parameters: Argon2Parameters
        /// How long a hash with them takes.
        let duration: Duration
        let target: Duration

        /// False where even the floor takes longer.
        var isInTime: Bool { duration <= target }
    }

    /// Memory is rounded down to whole MiB.
    private static let step: UInt32 = 1024
    /// How often a guess is corrected downwards, at most.
    private static let corrections = 8

    /// Asks `measure` how long a hash takes, some ten times at most.
    func run(_ measure: (Argon2Parameters) async throws -> Duration) async throws -> Outcome {
        let floor = Argon2Parameters.floor
        var parameters = Argon2Parameters(memory: max(memory, floor.memory), passes: floor.passes, lanes: lanes)
        var duration = try await measure(parameters)
        if duration <= target {
            let passes = Double(floor.passes) * (target / max(duration, .nanoseconds(1)))
            let most = Argon2Parameters.ceiling.passes
            parameters.passes = UInt32(min(Double(most), max(Double(floor.passes), passes.rounded(.down))))
        } else {
            parameters.memory = Self.reduced(parameters.memory, by: target / duration)
        }
        guard parameters != Argon2Parameters(memory: max(memory, floor.memory), passes: floor.passes, lanes: lanes)
        else { return Outcome(parameters: parameters, duration: duration, target: target) }
        duration = try await measure(parameters)
        // Time grows a little more than memory and passes do, so the guess may be somewhat too dear.
        for _ in 0..<Self.corrections where duration > target {
            if parameters.passes > floor.passes {
                parameters.passes -= 1
            } else if parameters.memory > floor.memory {
                parameters.memory = Self.reduced(parameters.memory, by: min(0.9, target / duration))
            } else {
                break
            }
            duration = try await measure(parameters)
        }
        return Outcome(parameters: parameters, duration: duration, target: target)
    }

    private static func reduced(_ memory: UInt32, by factor: Double) -> UInt32 {
        let wanted = UInt32(max(0, Double(memory) * min(1, factor)))
        return max(Argon2Parameters.floor.memory, wanted / step * step)
    }
}

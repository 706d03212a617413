import Identity
import MartletTesting
import Testing

@testable import Martlet

@Suite("The cost of a password hash for a machine")
struct HashCalibrationTests {
    /// A machine whose time grows with memory and passes, and notes what it was asked.
    private struct Machine {
        /// For a MiB in a pass.
        let each: Duration
        /// For a hash whatever it costs.
        var fixed = Duration.zero
        private(set) var asked: [Argon2Parameters] = []

        mutating func measure(_ parameters: Argon2Parameters) -> Duration {
            asked.append(parameters)
            return time(parameters)
        }

        func time(_ parameters: Argon2Parameters) -> Duration {
            fixed + each * Double(parameters.memory) / 1024 * Double(parameters.passes)
        }
    }

    private static let mebibytes64: UInt32 = 64 * 1024

    private func calibrate(
        _ machine: inout Machine, target: Duration = .milliseconds(250), memory: UInt32 = mebibytes64, lanes: UInt32 = 2
    ) async throws -> HashCalibration.Outcome {
        try await HashCalibration(target: target, memory: memory, lanes: lanes).run { machine.measure($0) }
    }

    @Test func spareTimeGoesIntoPasses() async throws {
        var machine = Machine(each: .microseconds(600))
        let outcome = try await calibrate(&machine)
        // 38.4 ms a pass: six fit into 250 ms, seven do not.
        #expect(outcome.parameters == Argon2Parameters(memory: Self.mebibytes64, passes: 6, lanes: 2))
        #expect(outcome.duration == machine.time(outcome.parameters) && outcome.isInTime)
        #expect(machine.asked.count == 2)
    }

    @Test func wherePassesAreTooSlowMemoryGoes() async throws {
        var machine = Machine(each: .milliseconds(4))
        let outcome = try await calibrate(&machine)
        // 8 ms a MiB in two passes: 31 MiB.
        #expect(outcome.parameters == Argon2Parameters(memory: 31 * 1024, passes: 2, lanes: 2))
        #expect(outcome.isInTime)
    }

    @Test func belowTheFloorItNeverGoes() async throws {
        var machine = Machine(each: .milliseconds(100))
        let outcome = try await calibrate(&machine, lanes: 1)
        #expect(outcome.parameters == .floor)
        #expect(outcome.duration == .milliseconds(3800) && !outcome.isInTime)
        var faster = Machine(each: .microseconds(100))
        #expect(try await calibrate(&faster, lanes: 1).isInTime)
    }

    @Test func whatFitsExactlyIsMeasuredOnce() async throws {
        var machine = Machine(each: .microseconds(1000))
        let outcome = try await calibrate(&machine, target: .milliseconds(128))
        #expect(outcome.parameters == Argon2Parameters(memory: Self.mebibytes64, passes: 2, lanes: 2))
        #expect(machine.asked == [outcome.parameters])
        var less = Machine(each: .microseconds(1000))
        #expect(try await calibrate(&less, target: .milliseconds(127)).parameters.memory == 63 * 1024)
    }

    @Test(arguments: [(19, 19), (0, 19), (256, 256)] as [(UInt32, UInt32)])
    func memoryIsAtMostWhatWasSaid(_ said: UInt32, _ found: UInt32) async throws {
        var machine = Machine(each: .microseconds(10))
        let outcome = try await calibrate(&machine, memory: said * 1024)
        #expect(outcome.parameters.memory == found * 1024)
    }

    @Test func aMachineThatTakesNoTimeGetsTheMostPasses() async throws {
        var machine = Machine(each: .zero)
        let outcome = try await calibrate(&machine)
        #expect(outcome.parameters.passes == Argon2Parameters.ceiling.passes)
        #expect(outcome.parameters.isWithinBounds)
    }

    @Test func aGuessThatWasTooDearIsCorrected() async throws {
        // What was hidden in the first measurement is paid once a hash: the guess by proportion is then too cheap, never
        // too dear; here each pass beyond the second costs a quarter more.
        var asked = 0
        let outcome = try await HashCalibration(target: .milliseconds(250), memory: Self.mebibytes64, lanes: 2).run {
            asked += 1
            return .milliseconds(20) * Int($0.passes) + .milliseconds(5) * Int($0.passes - 2)
        }
        #expect(outcome.duration <= .milliseconds(250) && outcome.parameters.passes == 10)
        #expect(asked == 4)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func whateverTheClockSaysTheOutcomeIsFitToBeSet(_ seed: UInt64) async throws {
        let random = SeededRandom(seed: seed)
        var asked: [Argon2Parameters] = []
        let outcome = try await HashCalibration(target: .milliseconds(50), memory: Self.mebibytes64, lanes: 1).run {
            asked.append($0)
            return .milliseconds(Int(random.bytes(1)[0]))
        }
        #expect(asked.count <= 10)
        #expect(asked.allSatisfy(\.isWithinBounds) && asked.last == outcome.parameters)
        #expect(outcome.parameters.memory <= Self.mebibytes64)
    }
}

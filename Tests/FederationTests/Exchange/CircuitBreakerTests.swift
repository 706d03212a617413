import MartletTesting
import OAuthTypes
import Testing

@testable import Federation

@Suite("What closes and opens the circuit of a provider")
struct CircuitBreakerTests {
    private let circuit = CircuitBreaker()
    private let clock = TestClock()

    private func ask(_ outcome: UpstreamFault?, isPersonal: Bool = false) async -> UpstreamFault? {
        do throws(UpstreamFault) {
            try await circuit.run(at: clock.now, isPersonal: isPersonal) { () async throws(UpstreamFault) in
                if let outcome { throw outcome }
            }
            return nil
        } catch {
            return error
        }
    }

    private func fail(_ times: Int) async {
        for _ in 0..<times { #expect(await ask(.unavailable(.unreachable)) == .unavailable(.unreachable)) }
    }

    /// What is known of the provider neither way.
    static let empty: [(UpstreamFault, Bool)] = [
        (.unavailable(.serverError), true), (.unavailable(.answerTooLarge), true), (.unavailable(.brokenAnswer), true),
        (.unavailable(.redirected), true), (.unavailable(.cancelled), false), (.unavailable(.tooManyAtOnce), false),
        (.misconfigured(.unsafeAddress), false),
    ]

    @Test(arguments: empty)
    func whatTellsNothingLetsNoProviderSeemWell(_ fault: UpstreamFault, _ isPersonal: Bool) async {
        await fail(CircuitBreaker.tolerance - 1)
        for _ in 0..<5 { #expect(await ask(fault, isPersonal: isPersonal) == fault) }
        #expect(!circuit.isOpen(at: clock.now))
        await fail(1)
        #expect(circuit.isOpen(at: clock.now))
    }

    @Test(arguments: empty)
    func aTryThatTellsNothingLeavesTheTryToTheNext(_ fault: UpstreamFault, _ isPersonal: Bool) async {
        await fail(CircuitBreaker.tolerance)
        clock.advance(by: CircuitBreaker.pause)
        #expect(await ask(fault, isPersonal: isPersonal) == fault)
        // Neither kept from the others for another pause, nor taken for well.
        #expect(!circuit.isOpen(at: clock.now))
        await fail(1)
        #expect(circuit.isOpen(at: clock.now))
        clock.advance(by: CircuitBreaker.pause)
        #expect(await ask(nil) == nil)
        await fail(CircuitBreaker.tolerance - 1)
        #expect(!circuit.isOpen(at: clock.now))
    }

    @Test func anAnswerForgivesWhatWasBefore() async {
        await fail(CircuitBreaker.tolerance - 1)
        #expect(await ask(nil, isPersonal: true) == nil)
        await fail(CircuitBreaker.tolerance - 1)
        #expect(!circuit.isOpen(at: clock.now))
        await fail(1)
        #expect(circuit.isOpen(at: clock.now))
    }

    @Test func oneTriesAndTheOthersWaitForWhatBecomesOfIt() async {
        await fail(CircuitBreaker.tolerance)
        #expect(await ask(nil) == .unavailable(.circuitOpen))
        clock.advance(by: CircuitBreaker.pause)
        let other = try? await circuit.run(at: clock.now) { () async throws(UpstreamFault) in await ask(nil) }
        #expect(other == .unavailable(.circuitOpen))
        #expect(await ask(nil) == nil)
    }
}

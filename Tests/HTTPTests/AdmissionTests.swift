import Reactor
import Testing

@testable import HTTP

/// Who is let in when a loop is behind.
@Suite("Admission", .timeLimit(.minutes(10)))
struct AdmissionTests {
    /// What happens, in order, when all of these wait at once.
    private static func order(machines: Int, people: Int, handshakes: Int) async throws -> String {
        let group = try EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let order = await Task(executorPreference: loop) {
            let admission = Admission(ServerConfiguration.Overload(), on: loop)
            let order = Order()
            for _ in 0..<handshakes { admission.waitForHandshake(since: .now) { order.text += "h" } }
            for _ in 0..<machines { admission.wait(in: .machines, since: .now) { order.text += "m" } }
            for _ in 0..<people { admission.wait(in: .people, since: .now) { order.text += "p" } }
            while order.text.count < machines + people + handshakes { await loop.letOthersRun() }
            return order.text
        }.value
        await group.stop()
        return order
    }

    /// Confined to the loop of a test.
    private final class Order {
        var text = ""
    }

    @Test func kindsOfRequestsTakeTurns() async throws {
        #expect(try await Self.order(machines: 6, people: 2, handshakes: 0) == "pmpmmmmm")
    }

    @Test func aStepOfAHandshakeComesBehindEachFourRequests() async throws {
        #expect(try await Self.order(machines: 6, people: 0, handshakes: 4) == "mmmmhmmhhh")
        #expect(try await Self.order(machines: 0, people: 0, handshakes: 3) == "hhh")
    }

    @Test func aLaneThatIsFullAtWorkWaitsUntilSomebodyLeaves() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let seen = await Task(executorPreference: loop) {
            var limits = ServerConfiguration.Overload()
            limits.begun = 2
            let admission = Admission(limits, on: loop)
            let order = Order()
            for _ in 0..<4 { admission.wait(in: .machines, since: .now) { order.text += "m" } }
            for _ in 0..<2 { admission.wait(in: .people, since: .now) { order.text += "p" } }
            while order.text.count < 4 { await loop.letOthersRun() }
            for _ in 0..<3 { await loop.letOthersRun() }
            order.text += " "
            admission.leave(.machines, size: 0)
            while order.text.count < 6 { await loop.letOthersRun() }
            order.text += " "
            admission.leave(.people, size: 0)
            admission.leave(.machines, size: 0)
            while order.text.count < 8 { await loop.letOthersRun() }
            return order.text
        }.value
        await group.stop()
        #expect(seen == "pmpm m m")
    }

    @Test func whileManyStepsWaitNoConnectionIsTakenThatBeginsWithOne() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let seen = await Task(executorPreference: loop) {
            let admission = Admission(ServerConfiguration.Overload(), on: loop)
            for _ in 0..<63 { admission.waitForHandshake(since: .now) {} }
            var seen = [admission.isBusyWithHandshakes]
            admission.waitForHandshake(since: .now) {}
            seen.append(admission.isBusyWithHandshakes)
            while admission.isBusyWithHandshakes { await loop.letOthersRun() }
            return seen
        }.value
        await group.stop()
        #expect(seen == [false, true])
    }
}

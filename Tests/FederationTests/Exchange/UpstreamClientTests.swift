import Dispatch
import HTTP
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import Federation

@Suite("Requests of connectors")
struct UpstreamClientTests {
    /// A name service that knows nobody, and does not answer for some hosts before it is told to.
    private final class Names: Sendable {
        private let mayAnswer = DispatchSemaphore(value: 0)
        private let asked = Locked<[String]>([])
        private let begun = Locked(0)

        var questions: [String] { asked.withLock { $0 } }

        func resolve(_ host: String) -> [SocketAddress] {
            asked.withLock { $0.append(host) }
            guard host.hasPrefix("dead") else { return [] }
            mayAnswer.wait()
            mayAnswer.signal()
            return []
        }

        func answer() { mayAnswer.signal() }

        /// Notes that somebody is about to ask.
        func begin() { begun.withLock { $0 += 1 } }

        var begunCount: Int { begun.withLock { $0 } }
    }

    private static func request(_ host: String, _ destination: Destination = .configured) -> OutgoingRequest {
        OutgoingRequest(.get, "https://\(host)/", to: destination, by: .after(.seconds(300)))
    }

    private static func outcome(
        _ client: UpstreamClient, _ request: OutgoingRequest, of connector: String
    ) async -> OutgoingError? {
        do {
            _ = try await client.send(request, of: ConnectorID(rawValue: connector))
            return nil
        } catch {
            return error as? OutgoingError
        }
    }

    /// Runs `body` with a client whose name service is that of the test.
    private static func run(
        _ clientLimit: Int = 32, _ body: (UpstreamClient, Names) async throws -> Void
    ) async rethrows {
        let names = Names()
        var configuration = OutgoingClient.Configuration()
        configuration.resolve = { host, _ in names.resolve(host) }
        let client = UpstreamClient(configuration, clientLimit: clientLimit)
        try await body(client, names)
        names.answer()
        await client.stop()
        #expect(await outcome(client, request("well.example"), of: "late") == .stopped)
    }

    // Its threads wait for its name server; the others have threads of their own.
    @Test(arguments: [Destination.configured, .stranger(FetchGuard())])
    func oneThatHangsHoldsNoOtherUp(_ destination: Destination) async throws {
        await Self.run { client, names in
            await withTaskGroup(of: OutgoingError?.self) { group in
                for number in 0..<CircuitBreaker.width {
                    group.addTask {
                        await Self.outcome(client, Self.request("dead\(number).example", destination), of: "dead")
                    }
                }
                while names.questions.isEmpty { await Task.yield() }
                #expect(
                    await Self.outcome(client, Self.request("well.example", destination), of: "well") == .unresolved)
                names.answer()
                for await outcome in group { #expect(outcome == .unresolved) }
            }
        }
    }

    // Google's token endpoint is on another host than its issuer, and everybody is sent there.
    @Test func aHostThatADocumentNamesGetsAsManyAsTheCircuitLetsThrough() async throws {
        await Self.run { client, names in
            await withTaskGroup(of: OutgoingError?.self) { group in
                for _ in 0..<CircuitBreaker.width {
                    group.addTask {
                        names.begin()
                        return await Self.outcome(
                            client, Self.request("dead.example", .stranger(FetchGuard())), of: "google")
                    }
                }
                while names.begunCount < CircuitBreaker.width { await Task.yield() }
                names.answer()
                for await outcome in group { #expect(outcome == .unresolved) }
            }
        }
    }

    @Test func thereIsAnEndToThreads() async throws {
        await Self.run(2) { client, _ in
            #expect(client.clientCount == 0)
            for connector in ["one", "two", "three", "four", "one", "five"] {
                #expect(await Self.outcome(client, Self.request("well.example"), of: connector) == .unresolved)
            }
            #expect(client.clientCount == 2)
        }
    }
}

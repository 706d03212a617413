import Federation
import HTTP
import Reactor

/// Carries requests to providers over a client of their own, so that one that hangs holds nobody else up.
///
/// The client, which is a thread, is made when somebody first needs it: a site without connectors has none.
final class UpstreamClient: UpstreamTransport {
    private let client = Locked<OutgoingClient?>(nil)

    func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        let made: Result<OutgoingClient, any Error> = client.withLock { held in
            if let held { return .success(held) }
            let made = Result { try OutgoingClient() }
            held = try? made.get()
            return made
        }
        return try await HTTPUpstreamTransport(try made.get()).send(request)
    }

    /// Breaks all requests off and ends the thread, if there is one.
    func stop() async { await client.withLock { $0 }?.stop() }
}

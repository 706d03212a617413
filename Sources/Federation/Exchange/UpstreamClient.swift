public import HTTP
public import OAuthTypes
import Reactor
public import Stores

/// Carries our requests over the guarded client: bounds on time and size, no redirects, no addresses of our own network.
///
/// Each connector has a client of its own, which is threads, names that are looked up, and requests at work: a provider
/// that hangs, or whose name server does, takes nothing from another. It is made when the connector is first used, and
/// connectors above the limit share, two to a client and so on: threads are not without end.
public final class UpstreamClient: UpstreamTransport {
    private struct State {
        var places: [ConnectorID: Int] = [:]
        var clients: [OutgoingClient] = []
        var isStopped = false
    }

    /// Enough for what the circuit of a connector lets through, whoever has named the host: the providers' own documents
    /// name hosts that everybody there is sent to.
    private static func limits(_ configuration: OutgoingClient.Configuration) -> OutgoingClient.Configuration {
        var configuration = configuration
        configuration.ownRequests = 2 * CircuitBreaker.width
        configuration.strangersRequests = 2 * CircuitBreaker.width
        configuration.strangersRequestsPerHost = 2 * CircuitBreaker.width
        return configuration
    }

    private let configuration: OutgoingClient.Configuration
    private let clientLimit: Int
    private let state = Locked(State())

    /// Clients that are made when they are needed, 32 at most.
    public convenience init() { self.init(OutgoingClient.Configuration(), clientLimit: 32) }

    /// The same; of the configuration, the limits are our own.
    init(_ configuration: OutgoingClient.Configuration, clientLimit: Int) {
        self.configuration = UpstreamClient.limits(configuration)
        self.clientLimit = max(1, clientLimit)
    }

    /// How many clients there are.
    var clientCount: Int { state.withLock { $0.clients.count } }

    /// Sends a request of no connector in particular.
    public func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        try await send(request, of: ConnectorID(rawValue: ""))
    }

    /// Sends a request over the client of its connector.
    public func send(_ request: OutgoingRequest, of connector: ConnectorID) async throws -> UpstreamAnswer {
        let answer = try await client(of: connector).send(request)
        return UpstreamAnswer(status: Int(answer.status.rawValue), headers: answer.headers, body: answer.body)
    }

    private func client(of connector: ConnectorID) throws -> OutgoingClient {
        let found: Result<OutgoingClient, any Error> = state.withLock { state in
            guard !state.isStopped else { return .failure(OutgoingError.stopped) }
            if let place = state.places[connector] { return .success(state.clients[place]) }
            let place = state.places.count % clientLimit
            return Result {
                if place == state.clients.count { state.clients.append(try OutgoingClient(configuration)) }
                state.places[connector] = place
                return state.clients[place]
            }
        }
        return try found.get()
    }

    /// Breaks all requests off and ends the threads, if there are any.
    public func stop() async {
        let clients = state.withLock { state in
            state.isStopped = true
            return state.clients
        }
        for client in clients { await client.stop() }
    }
}

public import HTTP
import Reactor

/// Carries our requests to providers.
public protocol UpstreamTransport: Sendable {
    /// Sends a request; the answer is one of any status.
    func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer
}

/// What a provider answered.
public struct UpstreamAnswer: Sendable {
    /// The status.
    public let status: Int
    /// The fields.
    public let headers: Headers
    /// The content, within the bound of the request.
    public let body: [UInt8]

    /// An answer.
    public init(status: Int, headers: Headers = Headers(), body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Over the guarded client: bounds on time and size, no redirects, no addresses of our own network.
public struct HTTPUpstreamTransport: UpstreamTransport {
    private let client: OutgoingClient

    /// Over a client, which should have no other work: a provider that hangs must hold nobody else up.
    public init(_ client: OutgoingClient) { self.client = client }

    /// Sends a request.
    public func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        let answer = try await client.send(request)
        return UpstreamAnswer(status: Int(answer.status.rawValue), headers: answer.headers, body: answer.body)
    }
}

extension UpstreamFault {
    /// What an error of the transport means.
    static func transport(_ error: any Error) -> UpstreamFault {
        guard let error = error as? OutgoingError else {
            return .unavailable(error is CancellationError ? .cancelled : .unreachable)
        }
        return switch error {
        case .busy, .stopped: .unavailable(.tooManyAtOnce)
        case .malformedAddress, .refusedScheme, .refusedPort, .refusedAddress, .unfitRequest:
            .misconfigured(.unsafeAddress)
        case .unresolved, .unreachable: .unavailable(.unreachable)
        case .untrusted: .unavailable(.untrustedCertificate)
        case .timedOut: .unavailable(.timedOut)
        case .tooLarge: .unavailable(.answerTooLarge)
        case .refusedRedirect: .unavailable(.redirected)
        case .broken: .unavailable(.brokenAnswer)
        }
    }
}

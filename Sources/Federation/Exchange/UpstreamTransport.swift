public import HTTP
public import Stores

/// Carries our requests to providers.
public protocol UpstreamTransport: Sendable {
    /// Sends a request; the answer is one of any status.
    func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer
    /// Sends a request of a connector, which holds no other connector up.
    func send(_ request: OutgoingRequest, of connector: ConnectorID) async throws -> UpstreamAnswer
}

extension UpstreamTransport {
    /// Sends a request as any other, where none can hold another up.
    public func send(_ request: OutgoingRequest, of connector: ConnectorID) async throws -> UpstreamAnswer {
        try await send(request)
    }
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

public import HTTP
internal import Reactor

/// Gets documents over HTTPS, without redirects and with bounds on time and size.
public struct HTTPKeySetSource: KeySetSource {
    /// Whether an address may begin with `http:`.
    public enum PlainHTTP: Sendable {
        /// None may.
        case never
        /// Only on this machine, for development: keys that came over a network in plain text could be anybody's.
        case loopback
    }

    private let client: OutgoingClient
    private let plainHTTP: PlainHTTP
    private let timeout: Duration

    private static let limit = 256 * 1024

    /// A source over a client that is there already.
    ///
    /// `timeout` bounds each document, as long as which requests may wait for new keys.
    public init(_ client: OutgoingClient, plainHTTP: PlainHTTP = .never, timeout: Duration = .seconds(5)) {
        self.client = client
        self.plainHTTP = plainHTTP
        self.timeout = timeout
    }

    /// A source with a client of its own, which is one thread.
    ///
    /// - Throws: when the kernel gives no thread, or libcurl cannot be had.
    public init(plainHTTP: PlainHTTP = .never, timeout: Duration = .seconds(5)) throws {
        self.init(try OutgoingClient(), plainHTTP: plainHTTP, timeout: timeout)
    }

    /// The document at an address.
    public func document(
        at address: String, unless validator: String?
    ) async throws(KeySetFailure) -> PublishedDocument {
        var headers: Headers = ["Accept": "application/jwk-set+json, application/json"]
        if let validator { headers.set("If-None-Match", validator) }
        var request = OutgoingRequest(
            .get, address, to: try destination(address), by: .after(timeout), headers: headers)
        request.answerLimit = Self.limit
        let answer: OutgoingAnswer
        do {
            answer = try await client.send(request)
        } catch {
            throw KeySetFailure(error)
        }
        let lifetime = CacheLifetime.of(answer.headers)
        switch answer.status.rawValue {
        case 200: return .document(answer.body, lifetime: lifetime, validator: answer.headers["ETag"])
        case 304 where validator != nil: return .unchanged(lifetime: lifetime)
        case let status: throw .refused(status: Int(status))
        }
    }

    private func destination(_ address: String) throws(KeySetFailure) -> Destination {
        if address.hasPrefix("https://") { return .configured }
        guard plainHTTP == .loopback, Self.isLoopback(address) else { throw .unsafeAddress }
        return .configuredPlain
    }

    private static func isLoopback(_ address: String) -> Bool {
        ["http://localhost", "http://127.0.0.1", "http://[::1]"].contains { prefix in
            guard address.hasPrefix(prefix) else { return false }
            // Nothing that makes it another host; the client refuses user information and odd ports.
            return [nil, "/", ":"].contains(address.dropFirst(prefix.count).first)
        }
    }
}

extension KeySetFailure {
    /// What an error of the client means here.
    init(_ error: any Error) {
        guard let error = error as? OutgoingError else {
            self = error is CancellationError ? .cancelled : .unreachable
            return
        }
        self =
            switch error {
            case .malformedAddress, .refusedScheme, .refusedPort, .refusedAddress, .unfitRequest: .unsafeAddress
            case .busy, .stopped, .unresolved, .unreachable, .refusedRedirect, .broken: .unreachable
            case .untrusted: .untrusted
            case .timedOut: .timedOut
            case .tooLarge: .oversize
            }
    }
}

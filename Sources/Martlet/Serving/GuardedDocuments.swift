import AuthorizationServer
import HTTP
import OAuthTypes
import Reactor
import Stores
import Synchronization

/// Asks at the addresses that clients' registrations name, on the public internet alone: they are chosen by strangers, or
/// handed to the operator by them.
final class GuardedDocuments: RemoteDocuments {
    private enum State {
        case unused
        case started(OutgoingClient)
        case stopped
    }

    /// Why a document is none.
    enum Refused: Error {
        case status(Status)
        case stopped
    }

    /// Somebody's sign-in may wait for it.
    private static let patience = Duration.seconds(5)

    // Its thread starts with the first fetch: most providers never make one.
    private let state = Mutex(State.unused)

    func fetch(
        _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
    ) async throws -> RemoteDocument {
        let destination: Destination = party == .strangers ? .stranger(FetchGuard()) : .guarded(FetchGuard())
        let answer = try await send(
            .get, address, to: destination, by: .after(GuardedDocuments.patience),
            headers: ["Accept": type], limit: limit)
        guard answer.status == .ok else { throw Refused.status(answer.status) }
        let media = answer.headers["Content-Type"].map { $0.prefix { $0 != ";" && $0 != " " }.lowercased() }
        return RemoteDocument(
            bytes: answer.body, type: media, lifetime: GuardedDocuments.lifetime(answer.headers["Cache-Control"]))
    }

    /// The answer to a request, of whatever status; throws `RemoteCongestion` where there was no room to send it.
    private func send(
        _ method: HTTP.Method, _ address: WebAddress, to destination: Destination, by deadline: Deadline,
        headers: Headers, body: [UInt8] = [], limit: Int
    ) async throws -> OutgoingAnswer {
        var request = OutgoingRequest(
            method, address.rawValue, to: destination, by: deadline, headers: headers, body: body)
        request.answerLimit = limit
        do {
            return try await client().send(request)
        } catch OutgoingError.busy, OutgoingError.stopped, Refused.stopped {
            throw RemoteCongestion()
        }
    }

    /// Ends the thread, if there is one.
    func stop() async {
        let client = state.withLock { state -> OutgoingClient? in
            defer { state = .stopped }
            if case .started(let client) = state { return client }
            return nil
        }
        await client?.stop()
    }

    private func client() throws -> OutgoingClient {
        try state.withLock { state in
            switch state {
            case .started(let client): return client
            case .stopped: throw Refused.stopped
            case .unused:
                let client = try OutgoingClient()
                state = .started(client)
                return client
            }
        }
    }

    /// `max-age` of RFC 9111 §5.2.2.1; none where it may not be kept.
    static func lifetime(_ control: String?) -> Duration? {
        guard let control else { return nil }
        var lifetime: Duration?
        for directive in control.split(separator: ",") {
            let words = directive.filter { $0 != " " && $0 != "\t" }.lowercased().split(separator: "=")
            if words.first == "no-store" || words.first == "no-cache" { return .zero }
            if words.count == 2, words[0] == "max-age", let seconds = Int64(words[1]),
                (0...31_536_000).contains(seconds)
            {
                lifetime = .seconds(seconds)
            }
        }
        return lifetime
    }
}

extension GuardedDocuments: LogoutTransport {
    /// Nobody waits for it but the next notice of the same client.
    private static let logoutPatience = Duration.seconds(10)
    /// What a client may say of it in passing; nobody reads it.
    private static let logoutAnswer = 16 * 1024

    func post(_ form: [UInt8], to address: WebAddress, of client: Client) async throws -> Int {
        let answer = try await send(
            .post, address, to: GuardedDocuments.destination(of: address, for: client),
            by: .after(GuardedDocuments.logoutPatience),
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "*/*"], body: form,
            limit: GuardedDocuments.logoutAnswer)
        return Int(answer.status.rawValue)
    }

    /// A client that an operator registered may be in the operator's own network, and on this machine without https; one
    /// that registered itself only where strangers may send us.
    static func destination(of address: WebAddress, for client: Client) -> Destination {
        if client.isSelfRegistered { return .stranger(FetchGuard()) }
        return address.isSecure ? .configured : .configuredPlain
    }
}

import AuthorizationServer
import HTTP
import OAuthTypes
import Reactor
import Synchronization

/// Fetches what clients' registrations point at, from the public internet alone: their addresses are chosen by strangers.
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

    func fetch(_ address: WebAddress, accepting type: String, limit: Int) async throws -> RemoteDocument {
        var request = OutgoingRequest(
            .get, address.rawValue, to: .stranger(FetchGuard()), by: .after(GuardedDocuments.patience),
            headers: ["Accept": type])
        request.answerLimit = limit
        let answer = try await client().send(request)
        guard answer.status == .ok else { throw Refused.status(answer.status) }
        let media = answer.headers["Content-Type"].map { $0.prefix { $0 != ";" && $0 != " " }.lowercased() }
        return RemoteDocument(
            bytes: answer.body, type: media, lifetime: GuardedDocuments.lifetime(answer.headers["Cache-Control"]))
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

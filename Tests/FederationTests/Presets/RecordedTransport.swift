import Federation
import HTTP
import JSON
import OAuthTypes
import Reactor
import Stores

/// Providers by the answers that their documentation shows: each address has one.
final class RecordedTransport: UpstreamTransport {
    private let answers: [String: (status: Int, body: String)]
    private let sent = Locked<[OutgoingRequest]>([])

    init(_ answers: [String: (status: Int, body: String)]) { self.answers = answers }

    /// What was asked, in order.
    var requests: [OutgoingRequest] { sent.withLock { $0 } }

    func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
        sent.withLock { $0.append(request) }
        guard let answer = answers[request.address] else { return UpstreamAnswer(status: 404, body: []) }
        return UpstreamAnswer(status: answer.status, body: Array(answer.body.utf8))
    }
}

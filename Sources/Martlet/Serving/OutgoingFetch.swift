import HTTP
import Identity
import OAuthTypes
import Reactor

/// Requests to providers that the operator has chosen, each within a few seconds: people wait for them.
struct OutgoingFetch: WebFetch {
    private let client: OutgoingClient

    private struct Refused: Error {
        let status: Status
    }

    /// What somebody who presses a button waits without noticing much.
    private static let rangePatience = Duration.milliseconds(1500)
    private static let formPatience = Duration.seconds(5)

    init() throws { client = try OutgoingClient() }

    func get(_ address: String, fields: [(name: String, value: String)]) async throws -> [UInt8] {
        var headers: Headers = [:]
        for field in fields { headers.set(field.name, field.value) }
        return try await content(
            OutgoingRequest(.get, address, to: .configured, by: .after(OutgoingFetch.rangePatience), headers: headers))
    }

    func post(_ form: [(name: String, value: String)], to address: String) async throws -> [UInt8] {
        let text = form.map { "\(FormParameters.encode($0.name))=\(FormParameters.encode($0.value))" }
        return try await content(
            OutgoingRequest(
                .post, address, to: .configured, by: .after(OutgoingFetch.formPatience),
                headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(text.joined(separator: "&").utf8)))
    }

    private func content(_ request: OutgoingRequest) async throws -> [UInt8] {
        let answer = try await client.send(request)
        guard answer.status == .ok else { throw Refused(status: answer.status) }
        return answer.body
    }

    func stop() async { await client.stop() }
}

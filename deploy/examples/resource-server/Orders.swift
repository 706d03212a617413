import HTTP
import TokenVerifier

/// What the service offers, to those whose token says that they may have it.
struct Orders: Sendable {
    let verifier: AccessTokenVerifier
    /// What it says of itself and where (RFC 9728); nil where it says nothing.
    let metadata: (address: ResourceMetadataAddress, document: String)?

    func respond(to request: Request) async -> Response {
        if let metadata, request.path == metadata.address.path { return .json(metadata.document) }
        guard request.path == "/orders" else { return .text("not found\n", status: .notFound) }
        do throws(TokenRefusal) {
            let token = try await verifier.verify(authorization: request.headers.values(of: "Authorization"))
            try token.require("orders.read")
            return .text("no orders yet for \(token.subject)\n")
        } catch {
            return answer(to: error)
        }
    }

    /// RFC 6750 §3: the verifier knows status and challenge.
    private func answer(to refusal: TokenRefusal) -> Response {
        var response = Response(Status(rawValue: UInt16(refusal.status)))
        if let challenge = refusal.challenge(realm: "orders", metadata: metadata?.address) {
            response.headers.set("WWW-Authenticate", challenge)
        }
        return response
    }
}

extension Response {
    fileprivate static func json(_ text: String) -> Response {
        var response = Response.text(text)
        response.headers.set("Content-Type", "application/json")
        return response
    }
}

import HTTP
import TokenVerifier

/// What the service offers, to those whose token says that they may have it.
struct Orders: Sendable {
    let verifier: AccessTokenVerifier

    func respond(to request: Request) async -> Response {
        guard request.path == "/orders" else { return .text("not found\n", status: .notFound) }
        do throws(TokenRefusal) {
            let token = try await verifier.verify(authorization: request.headers.values(of: "Authorization"))
            try token.require("orders.read")
            return .text("no orders yet for \(token.subject)\n")
        } catch {
            return Self.answer(to: error)
        }
    }

    /// RFC 6750 §3: the verifier knows status and challenge.
    private static func answer(to refusal: TokenRefusal) -> Response {
        var response = Response(Status(rawValue: UInt16(refusal.status)))
        if let challenge = refusal.challenge(realm: "orders") { response.headers.set("WWW-Authenticate", challenge) }
        return response
    }
}

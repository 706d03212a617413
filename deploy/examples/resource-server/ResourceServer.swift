import Glibc
import HTTP
import Reactor
import TokenVerifier

/// A service whose clients come with access tokens: `GET /orders` wants the scope `orders.read`.
///
/// Three lines of it are about tokens: the keys, the rules, and the call of the verifier.
@main
struct ResourceServer {
    static func main() async throws {
        let issuer = try variable("ISSUER")
        let audience = try variable("AUDIENCE")
        guard let port = UInt16(try variable("PORT")), let address = SocketAddress("127.0.0.1", port: port) else {
            throw Refusal("PORT should be a number")
        }
        let keys = IssuerKeys(discoveredFrom: issuer, by: try HTTPKeySetSource(plainHTTP: .loopback))
        let rules = TokenRules(issuer: issuer, audience: audience)
        // What `martlet resource metadata` printed, so that clients find the issuer by themselves.
        let metadata = (try? variable("METADATA")).flatMap { document in
            ResourceMetadataAddress(of: audience).map { (address: $0, document: document) }
        }
        let orders = Orders(verifier: AccessTokenVerifier(rules, keys: keys), metadata: metadata)

        let server = HTTPServer(
            configuration: ServerConfiguration(addresses: [address]), group: try EventLoopGroup(count: 1),
            respond: { await orders.respond(to: $0) })
        try server.start()
        print("http://127.0.0.1:\(port)/orders takes tokens of \(issuer) for \(audience)")
        fflush(nil)
        // Optional: without it, one request in five minutes would wait for the keys.
        await keys.keepFresh()
    }

    private static func variable(_ name: String) throws -> String {
        guard let value = getenv(name) else { throw Refusal("\(name) is missing") }
        return String(cString: value)
    }

    /// Why it does not start.
    struct Refusal: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }
}

import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// The pictures of clients, from our own origin: the consent page names them, and no page names anybody else's.
struct ClientLogoRoutes: Sendable {
    private let clients: ClientDirectory
    private let logos: ClientLogos
    private let issuer: Issuer
    private let rate: LogoRate
    private let clock: any TimeSource

    init(_ parts: Site.Parts) {
        clients = parts.environment.clients
        logos = ClientLogos(parts.environment)
        issuer = parts.environment.issuer
        clock = parts.environment.clock
        rate = LogoRate(parts.requestRates)
    }

    private static let path = "/client-logo"

    /// Where the picture of a client is; nil where it registered none.
    static func path(to client: Client, in language: String) -> String? {
        guard let address = client.metadata.logoURI.best(for: language) else { return nil }
        return "\(path)/\(FormParameters.encode(client.id.rawValue))/\(ClientLogos.name(of: address))"
    }

    var routes: [Route] {
        [
            Route(.get, ClientLogoRoutes.path + "/:client/:picture") { request in
                guard let id = request.parameter("client").flatMap({ ClientID($0) }),
                    let name = request.parameter("picture"), let client = try? await clients.find(id)
                else { return answer(.notFound, "no-store") }
                let outcome = await logos.picture(named: name, of: client) {
                    rate.admits(request.auditOrigin, at: clock.now)
                }
                switch outcome {
                case .picture(let picture):
                    var response = answer(.ok, "public, max-age=3600")
                    response.headers.set("Content-Type", picture.type)
                    response.body = .bytes(picture.bytes)
                    return response
                case .nothing: return answer(.notFound, "no-store")
                case .busy:
                    var response = answer(.serviceUnavailable, "no-store")
                    response.headers.set("Retry-After", "5")
                    return response
                }
            }
        ]
    }

    /// Opened by itself it is a document of our origin, and must not do anything there.
    private func answer(_ status: Status, _ caching: String) -> Response {
        var response = Response(status)
        for (name, value) in SecurityHeaders.common(issuer) { response.headers.set(name, value) }
        response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox")
        response.headers.set("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.set("Cache-Control", caching)
        return response
    }
}

extension Client {
    /// Its name for whoever reads a language: `client_name#de`, RFC 7591 §2.2.
    func name(in language: String) -> String {
        var names = metadata.clientName
        names.plain = DisplayText(name)
        return names.best(for: language)?.rawValue ?? name
    }

    /// What it shows of itself to whoever reads a language, on pages below a path.
    func card(in language: String, below root: String) -> ClientCard {
        ClientCard(
            logoURL: ClientLogoRoutes.path(to: self, in: language).map { root + $0 },
            policyURL: metadata.policyURI.best(for: language)?.rawValue,
            termsURL: metadata.termsURI.best(for: language)?.rawValue)
    }
}

import HTTP
import Observability
import Reactor
import Web

/// What the server listens with.
extension Server {
    static func certificates(_ configuration: ServeConfiguration, _ log: Log) throws -> CertificateUpkeep? {
        guard let files = configuration.settings.tls, let tls = configuration.tls else { return nil }
        return try CertificateUpkeep(files, tls, log)
    }

    /// The listener for operators, with these routes and more; nil where none is configured.
    static func management(
        _ configuration: ServeConfiguration, _ group: EventLoopGroup, _ routes: ManagementRoutes, more: [Route] = []
    ) -> HTTPServer? {
        guard !configuration.settings.management.isEmpty else { return nil }
        let router = Router(routes.routes + more)
        return HTTPServer(
            configuration: HTTP.ServerConfiguration(
                listeners: configuration.settings.management.map { $0.listener(configuration.tls) }),
            group: group,
            respond: { await router.respond(to: $0) }
        )
    }
}

extension ServeConfiguration {
    /// The listeners of the site, with what its routes take.
    func listeners(of site: Site) -> HTTP.ServerConfiguration {
        var configuration = HTTP.ServerConfiguration(listeners: siteListeners)
        configuration.proxies = settings.proxies
        configuration.limits.bodyOfRoute = { site.bodyLimit($0, $1) }
        return configuration
    }

    /// Plain HTTP of production is for this machine and the proxies that do TLS: a stranger who comes past them would
    /// send passwords and tokens in clear.
    var siteListeners: [ServerListener] {
        settings.listen.map { item in
            var listener = item.listener(tls)
            if common.mode == .production, item.scheme == .http {
                listener.peers = Network.ofThisMachine + settings.proxies.networks
            }
            return listener
        }
    }
}

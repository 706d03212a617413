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
        var listeners = HTTP.ServerConfiguration(
            listeners: configuration.settings.management.map { $0.listener(configuration.tls) })
        listeners.maxConnections = max(OpenFiles.managementConnections, 4 * group.loops.count)
        return HTTPServer(
            configuration: listeners,
            group: group,
            respond: { await router.respond(to: $0) }
        )
    }
}

extension ServeConfiguration {
    /// How a site is served.
    func serving(_ site: Site) -> HTTP.ServerConfiguration {
        var serving = HTTP.ServerConfiguration(listeners: siteListeners)
        serving.proxies = settings.proxies
        serving.limits.bodyOfRoute = { site.bodyLimit($0, $1) }
        serving.limits.tooLarge = { site.tooLarge(for: $0) }
        serving.maxConnections = min(serving.maxConnections, OpenFiles.connections(under: OpenFiles.limit))
        serving.overload.lane = { _, path in site.isForMachines(path) ? .machines : .people }
        serving.overload.answer = { site.busy(for: $0) }
        return serving
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

import HTTP
import Observability
import Reactor

/// What the server listens with.
extension Server {
    static func certificates(_ configuration: ServeConfiguration, _ log: Log) throws -> CertificateUpkeep? {
        guard let files = configuration.settings.tls, let tls = configuration.tls else { return nil }
        return try CertificateUpkeep(files, tls, log)
    }

    /// How much waits for a worker pool.
    static func waiting(_ pool: WorkerPool, _ name: String) -> Gauge {
        Gauge(
            "martlet_pool_waiting", help: "Work that waits for a thread.", label: ("pool", name),
            read: { Double(pool.waiting) })
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
    /// The listeners of the site.
    var site: HTTP.ServerConfiguration {
        var site = HTTP.ServerConfiguration(listeners: settings.listen.map { $0.listener(tls) })
        site.proxies = settings.proxies
        site.maxConnections = min(site.maxConnections, OpenFiles.connections(under: OpenFiles.limit))
        return site
    }
}

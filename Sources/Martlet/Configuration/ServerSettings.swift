import AuthorizationServer
import Glibc
import Observability
import Reactor

/// What only the server needs.
struct ServerSettings: Sendable {
    let mode: Configuration.Mode
    let issuer: Issuer?
    let listen: [SocketAddress]
    let templates: String?
    let logLevel: LogLevel
    /// Nil for one a core.
    let loops: Int?
    let passwordWorkers: Int

    init(_ reader: inout SettingsReader, hasIPv6: Bool) {
        mode = reader.choice(.mode) ?? .development
        issuer = reader.issuer()
        templates = reader.templates()
        logLevel = reader.choice(.logLevel) ?? .info
        loops = reader.number(.loops)
        // Each hash fills two cores for a tenth of a second.
        passwordWorkers = reader.number(.passwordWorkers) ?? max(1, min(64, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2))
        guard let text = reader.text(.listen) else {
            listen = ListenAddresses.loopback(port: 8080, hasIPv6: hasIPv6 && mode == .development)
            return
        }
        do {
            listen = try ListenAddresses.parse(text, hasIPv6: hasIPv6)
        } catch {
            reader.report(.listen, error.complaint, error.remedy)
            listen = []
        }
    }
}

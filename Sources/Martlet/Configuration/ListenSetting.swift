import HTTP
import Reactor

/// One item of `MARTLET_LISTEN`: where, and what is spoken there.
struct ListenSetting: Sendable, Equatable, CustomStringConvertible {
    enum Scheme: String, Sendable {
        case http, https
    }

    var address: ListenAddress
    var scheme = Scheme.http
    var clientCertificates = ClientCertificateRequest.none
    var proxyProtocol = ServerListener.ProxyProtocol.none

    init(_ address: ListenAddress, _ scheme: Scheme = .http) {
        self.address = address
        self.scheme = scheme
    }

    /// Whether strangers could read what travels here.
    var isPlainAndPublic: Bool { scheme == .http && !address.isLocal }

    /// The address, with the scheme if it is https.
    var description: String { scheme == .https ? "https://\(address)" : "\(address)" }

    /// The listener of a server that has these certificates.
    func listener(_ tls: TLSServer?) -> ServerListener {
        ServerListener(
            address,
            tls: scheme == .https ? tls : nil,
            clientCertificates: clientCertificates,
            proxyProtocol: proxyProtocol
        )
    }

    /// Takes what stands behind the `?` of an item.
    mutating func take(options: Substring) throws(ListenAddresses.Refusal) {
        for option in options.split(separator: "&", omittingEmptySubsequences: false) {
            switch option {
            case "proxy-protocol": proxyProtocol = .required
            case "client-certificates":
                guard scheme == .https else {
                    throw ListenAddresses.Refusal(
                        complaint: "asks for client certificates without https",
                        remedy: "Write https:// before the address, or leave client-certificates out."
                    )
                }
                clientCertificates = .optional
            default: try takeMode(option)
            }
        }
    }

    private mutating func takeMode(_ option: Substring) throws(ListenAddresses.Refusal) {
        let digits = option.dropFirst("mode=".count)
        guard option.hasPrefix("mode="), case .unix(let path) = address, digits.count == 3,
            digits.utf8.allSatisfy({ (0x30...0x37).contains($0) }), let mode = UInt32(digits, radix: 8),
            let changed = UnixSocketPath(path.path, mode: mode)
        else {
            throw ListenAddresses.Refusal(
                complaint: "has an option that does not exist",
                remedy: "Behind ? may stand proxy-protocol, client-certificates (https) and mode=660 (unix)."
            )
        }
        address = .unix(changed)
    }
}

import HTTP
import Reactor

/// The settings about listeners, TLS and proxies.
extension SettingsReader {
    /// Listeners as `parse` reads them; nil if the setting is not there, none if it is wrong.
    mutating func listeners(
        _ setting: Setting, _ parse: (String) throws(ListenAddresses.Refusal) -> [ListenSetting]
    ) -> [ListenSetting]? {
        guard let text = text(setting) else { return nil }
        do {
            return try parse(text)
        } catch {
            report(setting, error.complaint, error.remedy)
            return []
        }
    }

    /// The items of a list divided by commas.
    func list(_ setting: Setting) -> [String] {
        (text(setting) ?? "").split(separator: ",").map { String($0.drop { $0 == " " }) }.map { item in
            String(item.reversed().drop { $0 == " " }.reversed())
        }
    }

    mutating func proxies() -> TrustedProxies {
        var proxies = TrustedProxies(fields: choice(.forwardedFields) ?? .xForwarded)
        for item in list(.trustedProxies) {
            do throws(Network.Refusal) {
                let network = try Network(item)
                if network.isEverybody {
                    report(
                        .trustedProxies, "trusts everybody",
                        "Name the networks of your proxies, such as 10.0.0.0/8: whoever is trusted may say who the client is."
                    )
                }
                proxies.networks.append(network)
            } catch {
                switch error {
                case .malformed:
                    report(
                        .trustedProxies, "has a network that is none",
                        "Write addresses or networks, such as 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32, or unix.")
                case .bitsBehindPrefix:
                    report(
                        .trustedProxies, "has a network with bits behind its prefix",
                        "Write it with zeros behind the prefix, such as 10.0.0.0/8, or as an address without one.")
                }
            }
        }
        return proxies
    }

    mutating func tlsFiles() -> TLSFiles? {
        let (certificates, keys) = (list(.tlsCertificate), list(.tlsKey))
        guard certificates.count == keys.count else {
            report(
                keys.count < certificates.count ? .tlsKey : .tlsCertificate,
                keys.isEmpty || certificates.isEmpty ? "is missing" : "names fewer files than there should be",
                "\(Setting.tlsCertificate.rawValue) and \(Setting.tlsKey.rawValue) name a file each for every pair."
            )
            return nil
        }
        let pairs = zip(certificates, keys).map { TLSFiles.Pair(certificate: $0, key: $1) }
        return pairs.isEmpty ? nil : TLSFiles(pairs: pairs, authorities: text(.tlsClientAuthorities))
    }

    /// What has to hold between listeners, certificates and proxies.
    mutating func checkTransport(
        _ listen: [ListenSetting], _ management: [ListenSetting], _ mode: Configuration.Mode, hasProxies: Bool,
        hasTLS: Bool
    ) {
        for (setting, items) in [(Setting.listen, listen), (.managementListen, management)] {
            let hasSecrets = mode == .production && (setting == .managementListen || !hasProxies)
            if hasSecrets, items.contains(where: \.isPlainAndPublic) {
                report(
                    setting, "serves plain HTTP on a public address",
                    setting == .listen
                        ? "Write https://…, or name the proxy that does TLS with \(Setting.trustedProxies.rawValue)."
                        : "Write https://…, or an address of this machine such as 127.0.0.1:9090."
                )
            }
            let isPairMissing = text(.tlsCertificate) == nil && text(.tlsKey) == nil
            if !hasTLS, isPairMissing, items.contains(where: { $0.scheme == .https }) {
                report(
                    .tlsCertificate, "is missing",
                    "Name the certificate here and its key with \(Setting.tlsKey.rawValue), for the https address.")
            }
            if setting == .managementListen, items.contains(where: { $0.proxyProtocol == .required }) {
                report(
                    setting, "takes no proxy-protocol: no proxy stands before the listener for operators",
                    "Leave proxy-protocol out.")
            } else if !hasProxies, items.contains(where: { $0.proxyProtocol == .required }) {
                report(
                    .trustedProxies, "is missing",
                    "Name the proxies that send the PROXY header; nobody else may.")
            }
        }
    }
}

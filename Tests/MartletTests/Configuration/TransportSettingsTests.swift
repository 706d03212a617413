import AuthorizationServer
import Foundation
import HTTP
import Reactor
import TLSTesting
import Testing

@testable import Martlet

@Suite("Settings of listeners, TLS and proxies")
struct TransportSettingsTests {
    /// The settings that something is wrong with.
    private func faulty(_ variables: [String: String]) -> [String] {
        GivenSettings.problems(variables).map(\.subject)
    }

    /// A pair of files for TLS, as settings.
    private func pair(in folder: TemporaryFolder) throws -> [String: String] {
        let certificate = try TestCertificate("login.example")
        return [
            "MARTLET_TLS_CERTIFICATE": try folder.file("tls.pem", String(decoding: certificate.pem, as: UTF8.self)),
            "MARTLET_TLS_KEY": try folder.file(
                "tls.key", String(decoding: certificate.keyPEM, as: UTF8.self), mode: 0o600),
        ]
    }

    @Test func listenersAreReadWithTheirSchemesAndOptions() throws {
        let listen = try ListenAddresses.parse(
            "127.0.0.1:80, http://10.0.0.1:81?proxy-protocol,https://[::]:443?client-certificates&proxy-protocol,"
                + "unix:/run/a.sock?mode=600,https://localhost:444",
            hasIPv6: true
        )
        #expect(
            listen.map(\.description) == [
                "127.0.0.1:80", "10.0.0.1:81", "https://[::]:443", "unix:/run/a.sock", "https://127.0.0.1:444",
                "https://[::1]:444",
            ])
        #expect(listen.map(\.proxyProtocol) == [.none, .required, .required, .none, .none, .none])
        #expect(listen.map(\.clientCertificates) == [.none, .none, .optional, .none, .none, .none])
        guard case .unix(let path) = listen[3].address else {
            Issue.record("no path")
            return
        }
        #expect(path.mode == 0o600)
    }

    @Test(arguments: [
        "https://", "https://127.0.0.1", "ftp://127.0.0.1:80", "https://127.0.0.1:80/", "unix:", "unix:relative",
        "127.0.0.1:80?", "127.0.0.1:80?proxy", "127.0.0.1:80?mode=600", "127.0.0.1:80?client-certificates",
        "unix:/a?mode=999", "unix:/a?mode=0600", "unix:/a?mode=", "unix:/a?mode=+66", "unix:/a?mode=-00",
        "127.0.0.1:80?proxy-protocol&",
    ])
    func whatIsNoListenerIsRefused(_ text: String) {
        #expect(throws: ListenAddresses.Refusal.self) { try ListenAddresses.parse(text, hasIPv6: true) }
    }

    @Test func httpsNeedsAPairThatFits() throws {
        let folder = try TemporaryFolder()
        let pair = try pair(in: folder)
        let https = ["MARTLET_LISTEN": "https://127.0.0.1:8443"]
        #expect(faulty(https) == ["MARTLET_TLS_CERTIFICATE"])
        let configuration = try GivenSettings.serve(https.merging(pair) { $1 })
        #expect(configuration.tls != nil)
        #expect(configuration.issuer.url == "https://localhost:8443")

        var wrong = pair
        wrong["MARTLET_TLS_KEY"] = nil
        #expect(faulty(https.merging(wrong) { $1 }) == ["MARTLET_TLS_KEY"])
        wrong["MARTLET_TLS_KEY"] = folder.path("missing.key")
        #expect(faulty(https.merging(wrong) { $1 }) == ["MARTLET_TLS_KEY"])
        let other = try TestCertificate("login.example")
        wrong["MARTLET_TLS_KEY"] = try folder.file(
            "other.key", String(decoding: other.keyPEM, as: UTF8.self), mode: 0o600)
        #expect(faulty(https.merging(wrong) { $1 }) == ["MARTLET_TLS_KEY"])
        wrong = pair
        wrong["MARTLET_TLS_CERTIFICATE"] = try folder.file("broken.pem", "-----BEGIN CERTIFICATE-----\n")
        #expect(faulty(https.merging(wrong) { $1 }) == ["MARTLET_TLS_CERTIFICATE"])
        wrong = pair
        wrong["MARTLET_TLS_CLIENT_AUTHORITIES"] = folder.path("master.key")
        #expect(faulty(https.merging(wrong) { $1 }) == ["MARTLET_TLS_CLIENT_AUTHORITIES"])
        wrong["MARTLET_TLS_CLIENT_AUTHORITIES"] = pair["MARTLET_TLS_CERTIFICATE"]
        #expect(faulty(https.merging(wrong) { $1 }).isEmpty)

        chmod(folder.path("tls.key"), 0o644)
        #expect(faulty(https.merging(pair) { $1 }) == ["MARTLET_TLS_KEY"])
        chmod(folder.path("tls.key"), 0o640)
        #expect(faulty(https.merging(pair) { $1 }).isEmpty)
    }

    @Test func plainHTTPOnAPublicAddressNeedsAProxyInProduction() throws {
        let folder = try TemporaryFolder()
        let production = try GivenSettings.production(in: folder)
        func faulty(_ listen: String, _ more: [String: String] = [:]) -> [String] {
            self.faulty(production.merging(["MARTLET_LISTEN": listen]) { $1 }.merging(more) { $1 })
        }
        for listen in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "127.0.0.1:80,10.0.0.1:80"] {
            #expect(faulty(listen) == ["MARTLET_LISTEN"])
            #expect(faulty(listen, ["MARTLET_TRUSTED_PROXIES": "10.0.0.2"]).isEmpty)
            #expect(self.faulty(["MARTLET_LISTEN": listen]).isEmpty)
        }
        for listen in ["127.0.0.1:80", "[::1]:80", "unix:/run/martlet.sock"] { #expect(faulty(listen).isEmpty) }
        #expect(faulty("https://0.0.0.0:443", try pair(in: folder)).isEmpty)

        // Nobody's proxy leads to the listener for operators.
        let proxies = ["MARTLET_TRUSTED_PROXIES": "10.0.0.2", "MARTLET_MANAGEMENT_LISTEN": "0.0.0.0:9090"]
        #expect(faulty("127.0.0.1:80", proxies) == ["MARTLET_MANAGEMENT_LISTEN"])
        #expect(faulty("127.0.0.1:80", ["MARTLET_MANAGEMENT_LISTEN": "9090"]).isEmpty)
    }

    @Test func plainHTTPOfProductionIsForThisMachineAndItsProxies() async throws {
        let folder = try TemporaryFolder()
        let plain = ["MARTLET_LISTEN": "0.0.0.0:80,https://0.0.0.0:443", "MARTLET_TRUSTED_PROXIES": "10.0.0.0/8"]
            .merging(try pair(in: folder)) { $1 }
        let production = try GivenSettings.serve(try GivenSettings.production(in: folder).merging(plain) { $1 })
        let listeners = production.siteListeners
        let peers = try #require(listeners[0].peers)
        for (address, isServed) in [
            ("10.1.2.3", true), ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false), ("192.0.2.1", false), ("2001:db8::1", false),
        ] {
            let address = try #require(SocketAddress(address, port: 1))
            #expect(peers.contains { $0.contains(address) } == isServed, "\(address)")
        }
        #expect(peers.contains { $0.contains(.local) })
        #expect(listeners[1].peers == nil)
        #expect(try GivenSettings.serve(plain).siteListeners.allSatisfy { $0.peers == nil })
    }

    @Test(arguments: ["0.0.0.0/0", "::/0", "10.0.0.0/8,::/0"])
    func trustingEverybodyIsRefused(_ text: String) {
        #expect(
            GivenSettings.problems(["MARTLET_TRUSTED_PROXIES": text]).map(\.subject).contains("MARTLET_TRUSTED_PROXIES")
        )
        #expect(GivenSettings.problems(["MARTLET_TRUSTED_PROXIES": "10.0.0.0/8,::1,unix"]).map(\.subject).isEmpty)
    }

    @Test func proxiesAreReadWithTheirFields() throws {
        let settings = try GivenSettings.serve([
            "MARTLET_TRUSTED_PROXIES": "10.0.0.0/8, ::1,unix", "MARTLET_FORWARDED_FIELDS": "forwarded",
        ]).settings
        #expect(settings.proxies.networks == [try Network("10.0.0.0/8"), try Network("::1"), try Network("unix")])
        #expect(settings.proxies.fields == .forwarded)
        #expect(try GivenSettings.serve([:]).settings.proxies.networks.isEmpty)
        #expect(try GivenSettings.serve([:]).settings.proxies.fields == .xForwarded)
        for wrong in ["10.0.0.0/33", "proxy.example", "10.0.0.1/8"] {
            #expect(faulty(["MARTLET_TRUSTED_PROXIES": wrong]) == ["MARTLET_TRUSTED_PROXIES"])
        }
        #expect(faulty(["MARTLET_FORWARDED_FIELDS": "both"]) == ["MARTLET_FORWARDED_FIELDS"])
        let header = ["MARTLET_LISTEN": "127.0.0.1:80?proxy-protocol"]
        #expect(faulty(header) == ["MARTLET_TRUSTED_PROXIES"])
        #expect(faulty(header.merging(["MARTLET_TRUSTED_PROXIES": "::1"]) { $1 }).isEmpty)
    }

    @Test func theListenerForOperatorsIsOnLoopbackUnlessToldOtherwise() throws {
        func management(_ text: String) throws -> [String] {
            try GivenSettings.serve(["MARTLET_MANAGEMENT_LISTEN": text]).settings.management.map(\.description)
        }
        #expect(try management("9090") == ["127.0.0.1:9090"])
        #expect(try management("[::1]:9090,unix:/run/m.sock") == ["[::1]:9090", "unix:/run/m.sock"])
        #expect(try GivenSettings.serve([:]).settings.management.isEmpty)
        for wrong in ["0", "65536", "x", ":9090", "127.0.0.1:9090?proxy-protocol"] {
            #expect(faulty(["MARTLET_MANAGEMENT_LISTEN": wrong]) == ["MARTLET_MANAGEMENT_LISTEN"])
        }
    }

    @Test func aProxyThatMustBeThereAndIsNotNamedIsNoticed() throws {
        let folder = try TemporaryFolder()
        let production = try GivenSettings.production(in: folder)
        func hidesClients(_ more: [String: String]) throws -> Bool {
            try GivenSettings.serve(production.merging(more) { $1 }).settings.hidesClients
        }
        let plain = ["MARTLET_LISTEN": "127.0.0.1:8080"]
        #expect(try hidesClients(plain))
        #expect(try hidesClients(["MARTLET_LISTEN": "unix:/run/martlet.sock"]))
        #expect(try !hidesClients(plain.merging(["MARTLET_TRUSTED_PROXIES": "127.0.0.1,::1"]) { $1 }))
        let https = ["MARTLET_LISTEN": "127.0.0.1:8080,https://127.0.0.1:8443"]
        #expect(try !hidesClients(https.merging(pair(in: folder)) { $1 }))
        #expect(try !GivenSettings.serve(plain).settings.hidesClients)
    }
}

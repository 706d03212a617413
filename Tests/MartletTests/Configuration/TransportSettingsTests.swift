import AuthorizationServer
import Foundation
import HTTP
import Reactor
import TLSTesting
import Testing

@testable import Martlet

@Suite("Settings of listeners, TLS and proxies")
struct TransportSettingsTests {
    private func serve(_ variables: [String: String]) throws -> ServeConfiguration {
        try ServeConfiguration(Settings(environment: variables.map { ($0.key, $0.value) }), hasIPv6: true)
    }

    private func problems(_ variables: [String: String]) -> [String] {
        do {
            _ = try serve(variables)
            return []
        } catch let error as ConfigurationError {
            return error.problems.map(\.subject)
        } catch {
            return ["\(error)"]
        }
    }

    private func production(in folder: TemporaryFolder) throws -> [String: String] {
        let key = try folder.file(
            "master.key", "0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccddeeff00112233445566778899", mode: 0o600)
        return [
            "MARTLET_MODE": "production", "MARTLET_ISSUER": "https://login.example",
            "MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db"), "MARTLET_MASTER_KEY_FILE": key,
        ]
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
        #expect(problems(https) == ["MARTLET_TLS_CERTIFICATE"])
        let configuration = try serve(https.merging(pair) { $1 })
        #expect(configuration.tls != nil)
        #expect(configuration.issuer.url == "https://localhost:8443")

        var wrong = pair
        wrong["MARTLET_TLS_KEY"] = nil
        #expect(problems(https.merging(wrong) { $1 }) == ["MARTLET_TLS_KEY"])
        wrong["MARTLET_TLS_KEY"] = folder.path("missing.key")
        #expect(problems(https.merging(wrong) { $1 }) == ["MARTLET_TLS_KEY"])
        let other = try TestCertificate("login.example")
        wrong["MARTLET_TLS_KEY"] = try folder.file(
            "other.key", String(decoding: other.keyPEM, as: UTF8.self), mode: 0o600)
        #expect(problems(https.merging(wrong) { $1 }) == ["MARTLET_TLS_KEY"])
        wrong = pair
        wrong["MARTLET_TLS_CERTIFICATE"] = try folder.file("broken.pem", "-----BEGIN CERTIFICATE-----\n")
        #expect(problems(https.merging(wrong) { $1 }) == ["MARTLET_TLS_CERTIFICATE"])
        wrong = pair
        wrong["MARTLET_TLS_CLIENT_AUTHORITIES"] = folder.path("master.key")
        #expect(problems(https.merging(wrong) { $1 }) == ["MARTLET_TLS_CLIENT_AUTHORITIES"])
        wrong["MARTLET_TLS_CLIENT_AUTHORITIES"] = pair["MARTLET_TLS_CERTIFICATE"]
        #expect(problems(https.merging(wrong) { $1 }).isEmpty)

        chmod(folder.path("tls.key"), 0o644)
        #expect(problems(https.merging(pair) { $1 }) == ["MARTLET_TLS_KEY"])
        chmod(folder.path("tls.key"), 0o640)
        #expect(problems(https.merging(pair) { $1 }).isEmpty)
    }

    @Test func plainHTTPOnAPublicAddressNeedsAProxyInProduction() throws {
        let folder = try TemporaryFolder()
        let production = try production(in: folder)
        func problems(_ listen: String, _ more: [String: String] = [:]) -> [String] {
            self.problems(production.merging(["MARTLET_LISTEN": listen]) { $1 }.merging(more) { $1 })
        }
        for listen in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80", "127.0.0.1:80,10.0.0.1:80"] {
            #expect(problems(listen) == ["MARTLET_LISTEN"])
            #expect(problems(listen, ["MARTLET_TRUSTED_PROXIES": "10.0.0.2"]).isEmpty)
            #expect(self.problems(["MARTLET_LISTEN": listen]).isEmpty)
        }
        for listen in ["127.0.0.1:80", "[::1]:80", "unix:/run/martlet.sock"] { #expect(problems(listen).isEmpty) }
        #expect(problems("https://0.0.0.0:443", try pair(in: folder)).isEmpty)

        // Nobody's proxy leads to the listener for operators.
        let proxies = ["MARTLET_TRUSTED_PROXIES": "10.0.0.2", "MARTLET_MANAGEMENT_LISTEN": "0.0.0.0:9090"]
        #expect(problems("127.0.0.1:80", proxies) == ["MARTLET_MANAGEMENT_LISTEN"])
        #expect(problems("127.0.0.1:80", ["MARTLET_MANAGEMENT_LISTEN": "9090"]).isEmpty)
    }

    @Test func proxiesAreReadWithTheirFields() throws {
        let settings = try serve([
            "MARTLET_TRUSTED_PROXIES": "10.0.0.0/8, ::1,unix", "MARTLET_FORWARDED_FIELDS": "forwarded",
        ]).settings
        #expect(settings.proxies.networks == [try Network("10.0.0.0/8"), try Network("::1"), try Network("unix")])
        #expect(settings.proxies.fields == .forwarded)
        #expect(try serve([:]).settings.proxies.networks.isEmpty)
        #expect(try serve([:]).settings.proxies.fields == .xForwarded)
        for wrong in ["10.0.0.0/33", "proxy.example", "10.0.0.1/8"] {
            #expect(problems(["MARTLET_TRUSTED_PROXIES": wrong]) == ["MARTLET_TRUSTED_PROXIES"])
        }
        #expect(problems(["MARTLET_FORWARDED_FIELDS": "both"]) == ["MARTLET_FORWARDED_FIELDS"])
        let header = ["MARTLET_LISTEN": "127.0.0.1:80?proxy-protocol"]
        #expect(problems(header) == ["MARTLET_TRUSTED_PROXIES"])
        #expect(problems(header.merging(["MARTLET_TRUSTED_PROXIES": "::1"]) { $1 }).isEmpty)
    }

    @Test func theListenerForOperatorsIsOnLoopbackUnlessToldOtherwise() throws {
        func management(_ text: String) throws -> [String] {
            try serve(["MARTLET_MANAGEMENT_LISTEN": text]).settings.management.map(\.description)
        }
        #expect(try management("9090") == ["127.0.0.1:9090"])
        #expect(try management("[::1]:9090,unix:/run/m.sock") == ["[::1]:9090", "unix:/run/m.sock"])
        #expect(try serve([:]).settings.management.isEmpty)
        for wrong in ["0", "65536", "x", ":9090", "127.0.0.1:9090?proxy-protocol"] {
            #expect(problems(["MARTLET_MANAGEMENT_LISTEN": wrong]) == ["MARTLET_MANAGEMENT_LISTEN"])
        }
    }
}

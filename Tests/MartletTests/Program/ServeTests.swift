import Foundation
import JSON
import Testing

@testable import Martlet

@Suite("The server, by the built program")
struct ServeTests {
    /// A server of development mode in a folder.
    private func start(
        in folder: TemporaryFolder, port: UInt16, _ more: [String: String] = [:]
    ) async throws -> MartletProcess {
        let server = try MartletProcess(
            ["serve"],
            in: folder,
            environment: ["MARTLET_LISTEN": "127.0.0.1:\(port)"].merging(more) { $1 }
        )
        try await until("the server is ready") { server.output.contains("server.started") || !server.isRunning }
        try #require(server.isRunning, "\(server.errors)")
        return server
    }

    private func demo(in folder: TemporaryFolder) throws -> JSONObject {
        try JSONObject(parsing: Array(Data(contentsOf: URL(fileURLWithPath: folder.path("data/demo.json")))))
    }

    private func martlet(_ line: String, in folder: TemporaryFolder) async throws -> JSONValue {
        let outcome = try await MartletProcess.run(line.split(separator: " ").map(String.init), in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONValue(parsing: outcome.output.trimmingCharacters(in: .newlines))
    }

    @Test func developmentStartsWithoutConfigurationAndLeavesOnSIGTERM() async throws {
        let folder = try TemporaryFolder()
        let port = try LocalHTTP.freePort()
        let server = try await start(in: folder, port: port)
        #expect(try LocalHTTP.get("/health", port: port).status == 200)
        #expect(try LocalHTTP.get("/", port: port).status == 200)
        #expect(try LocalHTTP.get("/health?secret=query", port: port).status == 200)
        #expect(try LocalHTTP.get("/interaction/unguessable", port: port).status != 200)
        for name in ["master.key", "demo.json", "martlet.db"] { #expect(folder.mode("data/" + name) == 0o600) }
        #expect(folder.mode("data") == 0o700)

        let demo = try demo(in: folder)
        let secret = try #require(demo["client_secret"]?.string)
        let password = try #require(demo["password"]?.string)
        #expect(server.errors.contains(secret) && server.errors.contains(password))
        #expect(server.errors.contains("http://localhost:\(port)/"))
        let token = try LocalHTTP.post(
            "/token",
            "grant_type=client_credentials",
            credentials: "demo:\(secret)",
            port: port
        )
        #expect(token.status == 200)

        server.terminate()
        let outcome = try await server.end()
        #expect(outcome.status == 0)
        let lines = try outcome.output.split(separator: "\n").map { try JSONObject(parsing: Array($0.utf8)) }
        #expect(lines.first?["event"]?.string == "server.started")
        #expect(lines.last?["event"]?.string == "server.stopped")
        #expect(lines.contains { $0["path"]?.string == "/interaction/:id" })
        for hidden in [secret, password, "unguessable", "secret=query"] { #expect(!outcome.output.contains(hidden)) }
    }

    @Test func whatTheFirstStartMadeStays() async throws {
        let folder = try TemporaryFolder()
        let port = try LocalHTTP.freePort()
        let first = try await start(in: folder, port: port)
        let keys = try LocalHTTP.get("/jwks", port: port).body
        let demo = try demo(in: folder)
        first.terminate()
        #expect(try await first.end().status == 0)

        let second = try await start(in: folder, port: port)
        #expect(try LocalHTTP.get("/jwks", port: port).body == keys)
        #expect(try self.demo(in: folder) == demo)
        second.terminate()
        #expect(try await second.end().status == 0)
    }

    @Test func commandsTakeEffectInTheRunningServer() async throws {
        let folder = try TemporaryFolder()
        let port = try LocalHTTP.freePort()
        let server = try await start(in: folder, port: port)

        let client = try await martlet("client add --id report --scope read:orders --json", in: folder)
        let secret = try #require(client["client_secret"]?.string)
        func token() throws -> LocalHTTP.Answer {
            try LocalHTTP.post(
                "/token",
                "grant_type=client_credentials&scope=read:orders",
                credentials: "report:\(secret)",
                port: port
            )
        }
        #expect(try token().status == 200)
        try await until("the scope is published") {
            try LocalHTTP.get("/.well-known/openid-configuration", port: port).body.contains("read:orders")
        }

        let before = try LocalHTTP.get("/jwks", port: port).body
        let current = try await martlet("keys rotate --json", in: folder)
        let kid = try #require(current["current"]?.string)
        #expect(before.contains(kid))
        try await until("the rotation is served") { try LocalHTTP.get("/jwks", port: port).body != before }
        let keys = try await martlet("keys list --json", in: folder).array ?? []
        let states = keys.filter { $0["alg"]?.string == "ES256" }.compactMap { $0["state"]?.string }
        #expect(states.sorted() == ["current", "next", "retiring"])
        #expect(keys.contains { $0["alg"]?.string == "RS256" && $0["state"]?.string == "current" })
        let served = try LocalHTTP.get("/jwks", port: port).body
        // Of those that clients encrypt to, only the current one.
        let published = keys.filter { $0["alg"]?.string != "ECDH-ES" || $0["state"]?.string == "current" }
        #expect(published.count == keys.count - 1)
        #expect(published.allSatisfy { key in key["kid"]?.string.map { served.contains($0) } == true })
        // The new next key may be missing from copies of the key set.
        let early = try await MartletProcess.run(["keys", "rotate"], in: folder)
        #expect(early.status == 1 && early.errors.contains("keys revoke"))

        let revoked = try await MartletProcess.run(["keys", "revoke", "--", kid], in: folder)
        #expect(revoked.errors == "" && revoked.status == 0)
        try await until("the key is gone") { try !LocalHTTP.get("/jwks", port: port).body.contains(kid) }
        #expect(try token().status == 200)

        _ = try await martlet("client remove report --json", in: folder)
        try await until("the client is gone") { try token().status == 401 }
        server.terminate()
        #expect(try await server.end().status == 0)
    }

    @Test func aPortThatIsTakenIsNamedWithItsSetting() async throws {
        let folder = try TemporaryFolder()
        let port = try LocalHTTP.freePort()
        let server = try await start(in: folder, port: port)
        let other = try TemporaryFolder()
        let outcome = try await MartletProcess.run(
            ["serve"],
            in: other,
            environment: ["MARTLET_LISTEN": "127.0.0.1:\(port)"]
        )
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(port)") && outcome.errors.contains("MARTLET_LISTEN"))
        #expect(!FileManager.default.fileExists(atPath: other.path("data")))
        server.terminate()
        #expect(try await server.end().status == 0)
    }

    @Test func aLostMasterKeyIsNotReplaced() async throws {
        let folder = try TemporaryFolder()
        let port = try LocalHTTP.freePort()
        let server = try await start(in: folder, port: port)
        server.terminate()
        #expect(try await server.end().status == 0)
        let key = folder.path("data/master.key")
        try FileManager.default.moveItem(atPath: key, toPath: key + ".away")

        let environment = ["MARTLET_LISTEN": "127.0.0.1:\(port)"]
        let outcome = try await MartletProcess.run(["serve"], in: folder, environment: environment)
        #expect(outcome.status == 78 && outcome.errors.contains("master.key"))
        #expect(!FileManager.default.fileExists(atPath: key))

        try FileManager.default.moveItem(atPath: key + ".away", toPath: key)
        let again = try await start(in: folder, port: port)
        again.terminate()
        #expect(try await again.end().status == 0)
    }

    @Test func productionRefusesTheDemoAndServesWithoutIt() async throws {
        let folder = try TemporaryFolder()
        let port = try LocalHTTP.freePort()
        let development = try await start(in: folder, port: port)
        development.terminate()
        #expect(try await development.end().status == 0)

        let production = [
            "MARTLET_MODE": "production", "MARTLET_ISSUER": "https://login.example",
            "MARTLET_DATABASE": "sqlite:" + folder.path("data/martlet.db"),
            "MARTLET_MASTER_KEY_FILE": folder.path("data/master.key"), "MARTLET_LISTEN": "127.0.0.1:\(port)",
        ]
        for remedy in ["client remove demo", "user disable demo@example.com"] {
            let refused = try await MartletProcess.run(["serve"], in: folder, environment: production)
            #expect(refused.status == 78 && refused.errors.contains(remedy))
            let words = remedy.split(separator: " ").map(String.init)
            #expect(try await MartletProcess.run(words, in: folder, environment: production).status == 0)
        }
        let server = try await start(in: folder, port: port, production)
        #expect(try LocalHTTP.get("/", port: port).status == 404)
        #expect(try LocalHTTP.get("/health", port: port).status == 200)
        #expect(server.errors.isEmpty)
        #expect(server.output.split(separator: "\n").first?.contains("server.started") == true)
        server.terminate()
        #expect(try await server.end().status == 0)
    }
}

import Foundation
import JSON
import Observability
import Reactor
import TLSTesting
import Testing

@testable import Martlet

@Suite("Certificates that change")
struct CertificateUpkeepTests {
    /// A pair of files, what keeps them, and its log.
    private final class Place {
        let folder: TemporaryFolder
        let server: TLSServer
        let upkeep: CertificateUpkeep
        private let log: Log
        private let output: String

        init(authorities: String? = nil) throws {
            let folder = try TemporaryFolder()
            self.folder = folder
            let files = TLSFiles(
                pairs: [TLSFiles.Pair(certificate: folder.path("tls.pem"), key: folder.path("tls.key"))],
                authorities: try authorities.map { try folder.file("authorities.pem", $0) }
            )
            try Self.write(try TestCertificate("a.example"), in: folder)
            output = try folder.file("log", "")
            log = Log(level: .info, descriptor: open(output, O_WRONLY | O_APPEND))
            server = try files.makeServer()
            upkeep = try CertificateUpkeep(files, server, log)
        }

        static func write(_ certificate: TestCertificate, in folder: TemporaryFolder) throws {
            _ = try folder.file("tls.pem", String(decoding: certificate.pem, as: UTF8.self))
            _ = try folder.file("tls.key", String(decoding: certificate.keyPEM, as: UTF8.self), mode: 0o600)
        }

        func write(_ certificate: TestCertificate) throws { try Self.write(certificate, in: folder) }

        /// Ends the log and gives its events.
        func events() async throws -> [JSONObject] {
            await upkeep.stop()
            log.close()
            let text = try String(contentsOfFile: output, encoding: .utf8)
            return try text.split(separator: "\n").map { try JSONObject(parsing: Array($0.utf8)) }
        }
    }

    @Test func changedFilesAreLoadedOnceTheyHaveSettled() async throws {
        let place = try Place()
        let first = place.server.identities[0]
        await place.upkeep.look()
        #expect(place.server.identities[0] === first)
        try place.write(try TestCertificate("a.example"))
        await place.upkeep.look()
        #expect(place.server.identities[0] === first, "they may still be being written")
        await place.upkeep.look()
        let second = place.server.identities[0]
        #expect(second !== first)
        await place.upkeep.look()
        #expect(place.server.identities[0] === second)
        #expect(try await place.events().map { $0["event"]?.string } == ["tls.loaded", "tls.loaded"])
    }

    @Test func aBrokenPairChangesNothingAndTheLogNamesTheFileOnce() async throws {
        let place = try Place()
        let first = place.server.identities[0]
        _ = try place.folder.file("tls.key", "nothing", mode: 0o600)
        for _ in 0..<4 { await place.upkeep.look() }
        #expect(place.server.identities[0] === first)
        try place.write(try TestCertificate("a.example"))
        for _ in 0..<2 { await place.upkeep.look() }
        #expect(place.server.identities[0] !== first)
        let events = try await place.events()
        #expect(events.map { $0["event"]?.string } == ["tls.loaded", "tls.kept", "tls.loaded"])
        #expect(events[1]["file"]?.string == place.folder.path("tls.key"))
    }

    @Test func otherAuthoritiesAreLoadedToo() async throws {
        func pem(_ name: String) throws -> String {
            String(decoding: try TestCertificate(name, isAuthority: true).pem, as: UTF8.self)
        }
        let place = try Place(authorities: try pem("one.example"))
        let first = place.server.identities[0]
        _ = try place.folder.file("authorities.pem", "nothing")
        for _ in 0..<3 { await place.upkeep.look() }
        #expect(place.server.identities[0] === first)
        _ = try place.folder.file("authorities.pem", try pem("two.example"))
        for _ in 0..<2 { await place.upkeep.look() }
        #expect(place.server.identities[0] !== first)
        let events = try await place.events()
        #expect(events.map { $0["event"]?.string } == ["tls.loaded", "tls.kept", "tls.loaded"])
        #expect(events[1]["file"]?.string == place.folder.path("authorities.pem"))
    }

    @Test func reloadingDoesNotWait() async throws {
        let place = try Place()
        let first = place.server.identities[0]
        try place.write(try TestCertificate("a.example"))
        await place.upkeep.reload()
        #expect(place.server.identities[0] !== first)
        try FileManager.default.removeItem(atPath: place.folder.path("tls.pem"))
        await place.upkeep.reload()
        #expect(place.server.identities.count == 1)
        let events = try await place.events()
        #expect(events.last?["event"]?.string == "tls.kept")
        #expect(events.last?["file"]?.string == place.folder.path("tls.pem"))
    }

    @Test func aCertificateNearItsEndIsAWarning() async throws {
        let place = try Place()
        try place.write(try TestCertificate("a.example", validFor: 6 * 86_400))
        await place.upkeep.reload()
        try place.write(try TestCertificate("a.example", validFor: 30 * 86_400))
        await place.upkeep.reload()
        let events = try await place.events()
        #expect(events.suffix(2).map { $0["event"]?.string } == ["tls.expiring", "tls.loaded"])
        #expect(events.suffix(2).map { $0["level"]?.string } == ["warning", "info"])
    }
}

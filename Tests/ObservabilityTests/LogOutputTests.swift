import Foundation
import JSON
import Testing

@testable import Observability

@Suite("The log on its way out")
struct LogOutputTests {
    /// A log into a pipe, and what was read from it once the log is closed.
    private func lines(
        level: LogLevel = .info, bufferLimit: Int = Log.bufferLimit, _ write: (Log) -> Void
    ) throws -> [JSONObject] {
        let pipe = Pipe()
        let log = Log(
            level: level,
            descriptor: pipe.fileHandleForWriting.fileDescriptor,
            bufferLimit: bufferLimit
        )
        write(log)
        log.close()
        try pipe.fileHandleForWriting.close()
        let bytes = try pipe.fileHandleForReading.readToEnd() ?? Data()
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONObject(parsing: Array($0)) }
    }

    @Test func linesComeInOrderAndNoneIsLostOnClose() throws {
        let lines = try lines { log in
            for number in 0..<200 { log.info("count", .integer("number", number)) }
        }
        #expect(lines.map { $0["number"]?.integer } == (0..<200).map { Int64($0) })
    }

    @Test func whatIsBelowTheLevelIsNotWritten() throws {
        let lines = try lines(level: .warning) { log in
            log.debug("debug")
            log.info("info")
            log.access(id: "a", method: "GET", path: "/", status: 200, bytes: 0, microseconds: 1, peer: "::1")
            log.warning("warning")
            log.error("error")
        }
        #expect(lines.map { $0["event"]?.string } == ["warning", "error"])
    }

    @Test func whatFindsNoRoomIsCounted() throws {
        let lines = try lines(bufferLimit: 100) { log in
            log.info("fits")
            for _ in 0..<5 { log.info("does.not.fit", .harmless("text", String(repeating: "x", count: 100))) }
        }
        #expect(lines.first?["event"]?.string == "fits")
        // In one sum or, where the thread had its turn in between, in several.
        let notes = lines.dropFirst()
        #expect(notes.allSatisfy { $0["event"]?.string == "log.dropped" })
        #expect(notes.reduce(0) { $0 + ($1["lines"]?.integer ?? 0) } == 5)
    }

    @Test func aReaderThatStandsStillHoldsNobodyUp() throws {
        let pipe = Pipe()
        let log = Log(level: .info, descriptor: pipe.fileHandleForWriting.fileDescriptor, bufferLimit: 4096)
        // Far more than pipe and buffer take: it would never end if writing waited for the reader.
        for number in 0..<10_000 { log.info("flood", .integer("number", number)) }
        let reader = Thread { _ = try? pipe.fileHandleForReading.readToEnd() }
        reader.start()
        log.close()
        try pipe.fileHandleForWriting.close()
    }

    @Test(
        "The identifier of an interaction stays out of the log",
        arguments: [
            ("/interaction/pVb2c9kq", "/interaction/-"),
            ("/interaction/pVb2c9kq/consent", "/interaction/-"),
            ("/realm/interaction/pVb2c9kq/login", "/realm/interaction/-"),
            ("//interaction//pVb2c9kq", "//interaction/-"),
            ("/interactions/visible", "/interactions/visible"),
            ("/interaction", "/interaction"),
            ("/token", "/token"),
            ("", ""),
        ]
    )
    func pathIsShownWithoutSecrets(_ path: String, _ shown: String) throws {
        let line = try #require(
            lines {
                $0.access(
                    id: "abc",
                    method: "POST",
                    path: path,
                    status: 303,
                    bytes: 12,
                    microseconds: 345,
                    peer: "192.0.2.1"
                )
            }.first
        )
        #expect(line["path"]?.string == shown)
        #expect(line["request_id"]?.string == "abc")
        #expect(line["method"]?.string == "POST")
        #expect(line["status"]?.integer == 303)
        #expect(line["bytes"]?.integer == 12)
        #expect(line["microseconds"]?.integer == 345)
        #expect(line["peer"]?.string == "192.0.2.1")
    }

    @Test func routeClientAndTraceStandInTheLineOfARequest() throws {
        for (path, route, shown) in [
            ("/token", "/token", "/token"), ("/reset/pVb2c9kq", "/reset/:token", "/reset/:token"),
            ("/static/a.css", "/static/", "/static/a.css"),
        ] {
            let line = try #require(
                lines {
                    $0.access(
                        id: "abc", method: "GET", path: path, status: 200, bytes: 1, microseconds: 2, peer: "::1",
                        route: route, client: "shop\"", trace: 0xab)
                }.first)
            #expect(line["path"]?.string == shown)
            #expect(line["route"]?.string == route)
            #expect(line["client_id"]?.string == "shop\"")
            #expect(line["trace_id"]?.string == String(repeating: "0", count: 30) + "ab")
        }
    }
}

import Foundation
import Testing

/// Every kept input through the same properties that the fuzzer checks, and the properties against what breaks them.
@Suite("Fuzzing: kept inputs")
struct ReplayTests {
    @Test(arguments: FuzzTarget.all.map(\.name))
    func everyKeptInputHoldsEveryProperty(_ name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = try Self.files(in: "Seeds", of: name)
        #expect(seeds.count >= 4, "the fuzzer starts from nothing")
        for (file, bytes) in seeds + (try Self.files(in: "FailCases", of: name)) {
            #expect(throws: Never.self, "\(file)") { try target.check(bytes) }
            // What is cut short is another input.
            for count in 0..<min(bytes.count, target.longestInput) {
                #expect(throws: Never.self, "\(file), the first \(count) bytes") {
                    try target.check(Array(bytes.prefix(count)))
                }
            }
        }
    }

    @Test func noFolderIsLeftWithoutATarget() throws {
        let names = Set(FuzzTarget.all.map(\.name))
        for folder in ["Seeds", "FailCases", "Dictionaries"] {
            let entries = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: folder).path())
            #expect(Set(entries.filter { $0 != "README.md" }).isSubset(of: names), "\(folder)")
        }
        let script = try String(contentsOf: Self.root.appending(path: "fuzz.sh"), encoding: .utf8)
        #expect(script.contains("TARGETS=\"\(FuzzTarget.all.map(\.name).joined(separator: " "))\""))
    }

    /// A reading that nothing could contradict would make a property of no worth.
    @Test(arguments: [
        ("3\r\nabc\r\n0\r\n\r\nrest", "abc", 13), ("A;x\r\n0123456789\r\n00\r\nT: u\r\n\r\n", "0123456789", 29),
    ])
    func thePlainReadingOfChunksFindsTheEnd(_ text: String, _ content: String, _ end: Int) throws {
        let reading = try #require(PlainReading.chunks(Array(text.utf8), from: 0))
        #expect(String(decoding: reading.content, as: UTF8.self) == content)
        #expect(reading.end == end)
        #expect(PlainReading.chunks(Array(text.utf8.prefix(end - 1)), from: 0) == nil)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest", "", 27),
        ("\r\nPOST / HTTP/1.1\r\ncontent-LENGTH: 2\r\n\r\nabrest", "ab", 42),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", "a", 58),
    ])
    func thePlainReadingOfRequestsFindsTheEnd(_ text: String, _ content: String, _ end: Int) throws {
        let reading = try #require(PlainReading.request(Array(text.utf8), from: 0))
        #expect(String(decoding: reading.content, as: UTF8.self) == content)
        #expect(reading.end == end)
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    private static func files(in folder: String, of name: String) throws -> [(String, [UInt8])] {
        let place = root.appending(path: folder).appending(path: name)
        guard FileManager.default.fileExists(atPath: place.path()) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: place.path()).sorted().map {
            ("\(folder)/\(name)/\($0)", [UInt8](try Data(contentsOf: place.appending(path: $0))))
        }
    }
}

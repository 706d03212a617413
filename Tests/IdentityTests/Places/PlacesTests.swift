import Foundation
import MartletTesting
import OAuthTypes
import Testing

@testable import Identity

/// Writes a database of places as small as a test needs it.
struct PlaceFileWriter {
    indirect enum Value {
        case text(String)
        case number(UInt32)
        case map([(String, Value)])
        /// Bytes as they are, such as pointers.
        case raw([UInt8])

        var bytes: [UInt8] {
            switch self {
            case .text(let text):
                let utf8 = Array(text.utf8)
                return (utf8.count < 29 ? [0x40 | UInt8(utf8.count)] : [0x5D, UInt8(utf8.count - 29)]) + utf8
            case .number(let number):
                return [0xC4] + (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
            case .map(let members):
                return [0xE0 | UInt8(members.count)] + members.flatMap { Value.text($0.0).bytes + $0.1.bytes }
            case .raw(let bytes): return bytes
            }
        }
    }

    var bits = 24
    var version = 6
    /// Each with the bits of its prefix.
    var networks: [(address: [UInt8], length: Int, record: Value)] = []
    var claimedNodes: Int?

    static func place(_ city: [(String, String)], _ country: [(String, String)]) -> Value {
        func names(_ names: [(String, String)]) -> Value {
            .map([("names", .map(names.map { ($0.0, .text($0.1)) }))])
        }
        return .map([("city", names(city)), ("country", names(country))])
    }

    /// Ada's network in Bristol, and one of documentation in a country alone.
    static let usual = PlaceFileWriter(networks: [
        (
            [192, 0, 2], 24,
            place(
                [("en", "Bristol"), ("de", "Bristol")], [("en", "United Kingdom"), ("de", "Vereinigtes Königreich")])
        ),
        ([0x20, 0x01, 0x0D, 0xB8, 0, 1], 48, .map([("country", .map([("names", .map([("en", .text("Norway"))]))]))])),
    ])

    var bytes: [UInt8] {
        enum Child { case none, node(Int), data(Int) }
        var nodes: [[Child]] = [[.none, .none]]
        var data: [UInt8] = []
        for network in networks {
            let isMapped = network.address.count < 6 && version == 6
            let path = (isMapped ? [UInt8](repeating: 0, count: 12) : []) + network.address
            let length = network.length + (isMapped ? 96 : 0)
            var node = 0
            for index in 0..<length {
                let side = Int(path[index / 8] >> UInt8(7 - index % 8) & 1)
                if index == length - 1 {
                    nodes[node][side] = .data(data.count)
                } else if case .node(let next) = nodes[node][side] {
                    node = next
                } else {
                    nodes.append([.none, .none])
                    nodes[node][side] = .node(nodes.count - 1)
                    node = nodes.count - 1
                }
            }
            data += network.record.bytes
        }
        var output: [UInt8] = []
        for node in nodes {
            let halves = node.map { child in
                switch child {
                case .none: nodes.count
                case .node(let number): number
                case .data(let place): nodes.count + 16 + place
                }
            }
            func low(_ value: Int, _ count: Int) -> [UInt8] {
                (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
            }
            if bits == 28 {
                output += low(halves[0], 3) + [UInt8((halves[0] >> 24) << 4 | halves[1] >> 24)] + low(halves[1], 3)
            } else {
                output += halves.flatMap { low($0, bits / 8) }
            }
        }
        let metadata = Value.map([
            ("node_count", .number(UInt32(claimedNodes ?? nodes.count))), ("record_size", .number(UInt32(bits))),
            ("ip_version", .number(UInt32(version))), ("binary_format_major_version", .number(2)),
        ])
        return output + [UInt8](repeating: 0, count: 16) + data + [0xAB, 0xCD, 0xEF] + "MaxMind.com".utf8
            + metadata.bytes
    }

    func write(to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }
}

@Suite("Places of networks, by a file of the operator's")
struct PlacesTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "places-" + UUID().uuidString
        var file: String { path + "/places.mmdb" }
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test(arguments: [24, 28, 32])
    func namesAreInTheLanguageOfTheReader(_ bits: Int) throws {
        let folder = try Folder()
        var writer = PlaceFileWriter.usual
        writer.bits = bits
        try writer.write(to: folder.file)
        let places = try Places(path: folder.file, clock: TestClock(.noon))
        #expect(places.name(ofNetwork: "192.0.2.0/24", in: "en") == "Bristol, United Kingdom")
        #expect(places.name(ofNetwork: "192.0.2.0/24", in: "de") == "Bristol, Vereinigtes Königreich")
        #expect(places.name(ofNetwork: "192.0.2.0/24", in: "de-AT") == "Bristol, Vereinigtes Königreich")
        #expect(places.name(ofNetwork: "192.0.2.0/24", in: "fr") == "Bristol, United Kingdom")
        #expect(places.name(ofNetwork: "2001:db8:1::/48", in: "de") == "Norway")
        for unknown in [
            "192.0.3.0/24", "2001:db8:2::/48", "::/48", "", "nowhere", "1.2.3/24", "1.2.3.4.0/24", "x::/48",
        ] {
            #expect(places.name(ofNetwork: unknown, in: "en") == nil, "\(unknown)")
        }
    }

    @Test func aFileOfIPv4Alone() throws {
        let folder = try Folder()
        var writer = PlaceFileWriter.usual
        writer.version = 4
        writer.networks.removeLast()
        try writer.write(to: folder.file)
        let places = try Places(path: folder.file, clock: TestClock(.noon))
        #expect(places.name(ofNetwork: "192.0.2.0/24", in: "en") == "Bristol, United Kingdom")
        #expect(places.name(ofNetwork: "2001:db8:1::/48", in: "en") == nil)
    }

    @Test func everyNetworkThatSessionsKeepCanBeLookedUp() {
        let addresses: [[UInt8]] = [
            [192, 0, 2, 7], [0, 0, 0, 0], [0x20, 0x01, 0x0D, 0xB8, 0, 1] + [UInt8](repeating: 9, count: 10),
            [UInt8](repeating: 0, count: 16), [0xFE, 0x80] + [UInt8](repeating: 0, count: 14),
        ]
        for address in addresses {
            let network = BrowserTraits(userAgent: nil, address: address).network ?? ""
            let kept = address.count == 4 ? 3 : 6
            let first = Array(address.prefix(kept)) + [UInt8](repeating: 0, count: address.count - kept)
            #expect(BrowserTraits.address(ofNetwork: network) == first, "\(network)")
        }
    }

    @Test func aNewFileTakesThePlaceOfTheOldAndABrokenOneDoesNot() throws {
        let folder = try Folder()
        try PlaceFileWriter.usual.write(to: folder.file)
        let clock = TestClock(.noon)
        let places = try Places(path: folder.file, clock: clock)
        func name() -> String? { places.name(ofNetwork: "192.0.2.0/24", in: "en") }
        #expect(name() == "Bristol, United Kingdom")
        let next = folder.path + "/next"
        try Data("nonsense".utf8).write(to: URL(filePath: next))
        #expect(rename(next, folder.file) == 0)
        clock.advance(by: Places.interval)
        #expect(name() == "Bristol, United Kingdom")
        var moved = PlaceFileWriter.usual
        moved.networks[0].record = PlaceFileWriter.place([("en", "Bath")], [("en", "United Kingdom")])
        try moved.write(to: next)
        #expect(rename(next, folder.file) == 0)
        #expect(name() == "Bristol, United Kingdom")
        clock.advance(by: Places.interval)
        #expect(name() == "Bath, United Kingdom")
    }

    @Test func aFileThatIsNoneIsSaidToBe() throws {
        let folder = try Folder()
        #expect(throws: Places.Failure(description: "No such file or directory")) {
            try Places(path: folder.file, clock: TestClock(.noon))
        }
        var odd = PlaceFileWriter.usual
        odd.claimedNodes = 4_000_000
        var other = PlaceFileWriter.usual
        other.bits = 20
        for bytes in [[], Array("a text".utf8), Array(PlaceFileWriter.usual.bytes.dropLast(4)), odd.bytes, other.bytes]
        {
            try Data(bytes).write(to: URL(filePath: folder.file))
            #expect(throws: Places.Failure.self) { try Places(path: folder.file, clock: TestClock(.noon)) }
        }
    }

    @Test("Whatever a byte is turned into, nothing breaks")
    func damages() throws {
        var random = SeededNumbers(state: 7)
        let good = PlaceFileWriter.usual.bytes
        for _ in 0..<4000 {
            var bytes = good
            for _ in 0..<(1 + Int(random.next() % 3)) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let file = try? PlaceFile(MappedFile(copying: bytes)) else { continue }
            for address in [[192, 0, 2, 0], [0x20, 0x01, 0x0D, 0xB8, 0, 1] + [UInt8](repeating: 0, count: 10)] {
                _ = file.record(of: address.map { UInt8($0) })
            }
        }
    }

    @Test("Pointers are followed, and those in circles end")
    func pointers() throws {
        var writer = PlaceFileWriter.usual
        // The first value of the data section is "Oslo"; a city points to it.
        writer.networks[0].record = .text("Oslo")
        writer.networks[1].record = .map([
            ("city", .map([("names", .map([("en", .raw([0x20, 0x00]))]))]))
        ])
        let file = try PlaceFile(MappedFile(copying: writer.bytes))
        let address: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 0, 1] + [UInt8](repeating: 0, count: 10)
        #expect(file.record(of: address)?["city"]?["names"]?["en"] == .text("Oslo"))
        writer.networks[0].record = .raw([0x20, 0x00])
        let circle = try PlaceFile(MappedFile(copying: writer.bytes))
        #expect(circle.record(of: [192, 0, 2, 0]) == nil)
    }
}

/// Numbers that are the same at each run.
private struct SeededNumbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 17
    }
}

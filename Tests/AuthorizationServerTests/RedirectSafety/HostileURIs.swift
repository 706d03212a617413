import Foundation
import OAuthTypes
import Testing

/// Addresses that look like registered ones to somebody: a browser, a proxy, a person, a careless comparison.
struct HostileURIs: Decodable, Sendable {
    struct Group: Decodable, Sendable, CustomTestStringConvertible {
        let kind: String
        /// Whether no client may register such a one either.
        let neverRegistered: Bool
        let uris: [String]
        var testDescription: String { kind }
    }

    /// What the client of the tests has registered.
    let registered: [String]
    let groups: [Group]

    static let all: HostileURIs = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "hostile-redirect-uris.json")
        do {
            return try JSONDecoder().decode(HostileURIs.self, from: Data(contentsOf: file))
        } catch {
            return HostileURIs(registered: [], groups: [])
        }
    }()

    /// Whether an address is a registered one, byte for byte but for the port of a loopback address: said once more, and
    /// in another way than the program does.
    static func isRegistered(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if all.registered.contains(where: { Array($0.utf8) == bytes }) { return true }
        return ["http://127.0.0.1", "http://[::1]"].contains { host in
            guard bytes.starts(with: Array((host + ":").utf8)), text.hasSuffix("/cb") else { return false }
            let port = bytes.dropFirst(host.utf8.count + 1).dropLast(3)
            guard !port.isEmpty, port.count <= 5, port.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
            return (1...65_535).contains(Int(String(decoding: port, as: UTF8.self)) ?? 0)
        }
    }
}

/// Makes the same mutations of a text on every run.
struct MutationSource {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }

    private static let pieces = [
        "/", "//", "\\", ".", "..", "%2e", "%2f", "?", "#", "@", ":", ":80", ":8080", "&", ";", " ", "\t", "\n",
        "\u{0}",
        "a", "A", "é", "\u{301}", "\u{200b}", "evil.example", "*", "[", "]", "%", "%00", "=", "+", "1", "0",
    ]

    /// The text with one to three changes.
    mutating func mutate(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0...next(3) {
            let place = next(scalars.count + 1)
            let piece = Array(MutationSource.pieces[next(MutationSource.pieces.count)].unicodeScalars)
            switch next(4) {
            case 0: scalars.insert(contentsOf: piece, at: place)
            case 1 where place < scalars.count: scalars.remove(at: place)
            case 2 where place < scalars.count: scalars.replaceSubrange(place...place, with: piece)
            default:
                let other = next(scalars.count + 1)
                scalars.insert(contentsOf: Array(scalars[min(place, other)..<max(place, other)]), at: place)
            }
        }
        var mutated = ""
        mutated.unicodeScalars.append(contentsOf: scalars)
        return mutated
    }
}

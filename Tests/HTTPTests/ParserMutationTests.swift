import Testing

@testable import HTTP

/// The parser against damaged streams: it never crashes, and never depends on how the bytes were cut.
@Suite("RFC 9112 parser under mutation")
struct ParserMutationTests {
    /// A fixed sequence, so that a failure can be had again.
    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private static let seeds: [String] = [
        .get("/a/b?c=d", "Accept: */*\r\nCookie: a=b; c=d\r\n") + .get("/%41"),
        .post("/echo", "hello") + .get("/x", "Connection: close\r\n"),
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;e=f\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n"
            + .get("/"),
        "\r\nGET http://a:80/b HTTP/1.0\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: [::1]\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    ]

    private static let splinters: [[UInt8]] = [
        "\r\n", "\n", "\r", "\0", " ", ":", "\r\n\r\n", "0", "ffffffff", "Content-Length: 5\r\n", "Host: b\r\n", "%",
        "%00", "/../",
        "Transfer-Encoding: chunked\r\n", "\u{80}", ";", "HTTP/1.1",
    ].map { Array($0.utf8) }

    private func mutate(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
            default: bytes.insert(contentsOf: Self.splinters.randomElement(using: &random) ?? [], at: place)
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8)
    func cuttingTheStreamNeverChangesTheOutcome(_ seed: Int) {
        var random = Random(state: UInt64(seed))
        var limits = ServerConfiguration.Limits()
        limits.requestLine = 60
        limits.headerBlock = 120
        limits.headerCount = 6
        limits.body = 12
        var refused = 0
        let rounds = 1500
        for round in 0..<rounds {
            let bytes = mutate(Self.seeds[round % Self.seeds.count], &random)
            let whole = ParserTrace(bytes, limits: limits)
            let pieces = (0..<8).map { _ in Int.random(in: 1...20, using: &random) }
            #expect(ParserTrace(bytes, pieces: [1], limits: limits) == whole, "\(bytes)")
            #expect(ParserTrace(bytes, pieces: pieces, limits: limits) == whole, "\(bytes) \(pieces)")
            refused += whole.refusal == nil ? 0 : 1
        }
        // The mutations reach both sides.
        #expect(refused > rounds / 10)
        #expect(refused < rounds)
    }

    @Test func noiseIsRefusedWithoutACrash() {
        var random = Random(state: 99)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            let whole = ParserTrace(bytes)
            #expect(whole.requests.isEmpty)
            #expect(ParserTrace(bytes, pieces: [1]) == whole)
        }
    }
}

extension ParserMutationTests {
    private func mutate(_ text: String, _ random: inout Random) -> [UInt8] { mutate(Array(text.utf8), &random) }
}

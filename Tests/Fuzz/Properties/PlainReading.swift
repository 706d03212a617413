/// A second reading of messages, as plain as can be, that says where each one ends.
///
/// It believes that the message is well formed, and shares nothing with the parser: where the parser takes a message,
/// both must see the same end and the same content, or somebody in front of us could see another.
enum PlainReading {
    /// The content and the end of the request that starts at `start`; `nil` where it makes no sense.
    static func request(_ stream: [UInt8], from start: Int) -> (content: [UInt8], end: Int)? {
        var start = start
        if stream[start...].starts(with: [13, 10]) { start += 2 }
        guard let end = find([13, 10, 13, 10], in: stream, from: start) else { return nil }
        let lines = split(stream[start..<end])
        var length = 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            let value = String(decoding: line[(colon + 1)...].filter { $0 != 32 && $0 != 9 }, as: UTF8.self)
            if name == "content-length" {
                guard let number = Int(value) else { return nil }
                length = number
            }
            if name == "transfer-encoding" { return chunks(stream, from: end + 4) }
        }
        guard end + 4 + length <= stream.count else { return nil }
        return (Array(stream[end + 4..<end + 4 + length]), end + 4 + length)
    }

    /// The content of a chunked message that starts at `start`, and where it ends.
    static func chunks(_ stream: [UInt8], from start: Int) -> (content: [UInt8], end: Int)? {
        var content: [UInt8] = []
        var position = start
        while let lineEnd = find([13, 10], in: stream, from: position) {
            let digits = stream[position..<lineEnd].prefix { $0 != UInt8(ascii: ";") }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
            position = lineEnd + 2
            guard size > 0 else {
                // No trailer, or lines up to an empty one.
                if stream[position...].starts(with: [13, 10]) { return (content, position + 2) }
                return find([13, 10, 13, 10], in: stream, from: position).map { (content, $0 + 4) }
            }
            guard position + size + 2 <= stream.count else { return nil }
            content += stream[position..<position + size]
            position += size + 2
        }
        return nil
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard start + pattern.count <= bytes.count else { return nil }
        return (start...bytes.count - pattern.count).first { bytes[$0...].starts(with: pattern) }
    }

    private static func split(_ block: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = block
        while let end = rest.indices.first(where: { rest[$0...].starts(with: [13, 10]) }) {
            lines.append(rest[..<end])
            rest = rest[(end + 2)...]
        }
        return lines + [rest]
    }
}

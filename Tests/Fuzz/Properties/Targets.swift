@testable import HTTP

extension FuzzTarget {
    /// Paths and their percent-encoding: RFC 9112 §3.2, RFC 3986 §2.1, §3.3.
    static let targets = FuzzTarget(name: "targets", longestInput: 128) { bytes throws(Violation) in
        guard !bytes.isEmpty else { return }
        for method in [Method.get, .options] {
            let target: RequestTarget
            do throws(Refusal) { target = try RequestTarget(bytes.span, bytes.indices, method: method) } catch {
                try require(error == .target, "refused for a strange reason", "\(error)")
                continue
            }
            guard bytes != [UInt8(ascii: "*")] else { continue }
            let path = Array(target.path.utf8)
            try require(path.first == UInt8(ascii: "/"), "no slash at the start", target.path)
            try require(path.allSatisfy { $0 >= 32 && $0 != 127 }, "a control byte", target.path)
            let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            for segment in segments {
                try require(
                    !segment.elementsEqual(".".utf8) && !segment.elementsEqual("..".utf8), "a dot segment", target.path)
            }
            try require(target.hasQuery == bytes.contains(UInt8(ascii: "?")), "the query is not where its mark is")
            let raw = rawPath(bytes)
            try require(decoded(raw) == path, "not decoded exactly once", target.path)
            // What was one segment is one segment: nothing decoded to a slash.
            try require(
                segments.count == raw.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).count,
                "decoding made segments", target.path)
        }
    }

    /// The path as it stands in the target.
    private static func rawPath(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes.prefix { $0 != UInt8(ascii: "?") }
        guard rest.first != UInt8(ascii: "/") else { return Array(rest) }
        // scheme://authority/path
        for _ in 0..<3 { rest = rest.drop { $0 != UInt8(ascii: "/") }.dropFirst(rest.isEmpty ? 0 : 1) }
        let hasPath = bytes.prefix { $0 != UInt8(ascii: "?") }.count { $0 == UInt8(ascii: "/") } >= 3
        return hasPath ? [UInt8(ascii: "/")] + rest : [UInt8(ascii: "/")]
    }

    private static func decoded(_ raw: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < raw.count {
            if raw[index] == UInt8(ascii: "%"), index + 2 < raw.count,
                let byte = UInt8(String(decoding: raw[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                result.append(byte)
                index += 3
            } else {
                result.append(raw[index])
                index += 1
            }
        }
        return result
    }
}

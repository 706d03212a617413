@testable import HTTP

extension FuzzTarget {
    /// A whole stream of requests: RFC 9112.
    static let requests = FuzzTarget(name: "requests", longestInput: 512) { bytes throws(Violation) in
        let limits = ServerConfiguration.Limits.small
        let whole = try sameHoweverCut(bytes, limits)
        var start = 0
        for request in whole.requests {
            guard let plain = PlainReading.request(bytes, from: start) else {
                throw Violation("a plain reading finds no request here", request)
            }
            try require(plain.end == request.end, "a plain reading ends elsewhere", "\(plain.end) \(request)")
            try require(plain.content == request.body, "a plain reading has other content", "\(request)")
            start = request.end
            try hasASafePath(request)
            try writtenAgainIsTheSame(request)
        }
    }

    /// The chunked transfer coding alone: RFC 9112 §7.1.
    static let chunks = FuzzTarget(name: "chunks", longestInput: 512) { bytes throws(Violation) in
        let head = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        var limits = ServerConfiguration.Limits()
        limits.body = 64
        limits.headerBlock = 80
        limits.headerCount = 3
        let stream = head + bytes
        let whole = try sameHoweverCut(stream, limits)
        guard let request = whole.requests.first else { return }
        guard let plain = PlainReading.chunks(stream, from: head.count) else {
            throw Violation("a plain reading finds no end of the chunks", request)
        }
        try require(plain.end == request.end, "a plain reading ends elsewhere", "\(plain.end) \(request)")
        try require(plain.content == request.body, "a plain reading has other content", "\(request)")
        try require(request.body.count <= limits.body, "more content than the limit", "\(request)")
        try require(request.fieldNames == ["Host", "Transfer-Encoding"], "a trailer became a field", "\(request)")
    }

    /// The outcome, which must not depend on how the bytes come in.
    private static func sameHoweverCut(
        _ bytes: [UInt8], _ limits: ServerConfiguration.Limits
    ) throws(Violation) -> StreamTrace {
        let whole = StreamTrace(bytes, cutAt: [], limits: limits)
        let single = StreamTrace(bytes, cutAt: 1..<max(2, bytes.count), limits: limits)
        try require(single == whole, "byte by byte it differs", "\(whole)\n  \(single)")
        // A few cuts that the bytes themselves choose.
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        let cuts = [hash, hash >> 8, hash >> 16].map { Int($0 % UInt32(max(1, bytes.count))) }.sorted()
        let cut = StreamTrace(bytes, cutAt: cuts, limits: limits)
        try require(cut == whole, "cut at \(cuts) it differs", "\(whole)\n  \(cut)")
        return whole
    }

    private static func hasASafePath(_ request: StreamTrace.Parsed) throws(Violation) {
        let path = Array(request.path.utf8)
        try require(
            path.first == UInt8(ascii: "/") || (request.path == "*" && request.method == "OPTIONS"),
            "a path that starts with no slash", "\(request)")
        try require(path.allSatisfy { $0 >= 32 && $0 != 127 }, "a control byte in the path", "\(request)")
        let climbs = path.split(separator: UInt8(ascii: "/")).contains {
            $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8)
        }
        try require(!climbs, "a dot segment in the path", "\(request)")
    }

    /// A request written from what was read must be read as the same request.
    private static func writtenAgainIsTheSame(_ request: StreamTrace.Parsed) throws(Violation) {
        var out = Array("\(request.method) \(request.path == "*" ? "*" : reescaped(request.path))".utf8)
        if let query = request.query { out += [UInt8(ascii: "?")] + query }
        out += Array(" \(request.version)\r\n".utf8)
        var names: [String] = []
        for (name, value) in zip(request.fieldNames, request.fieldValues) {
            // Content that came in chunks goes out with a length.
            if name.lowercased() == "transfer-encoding" {
                out += Array("Content-Length: \(request.body.count)\r\n".utf8)
                names.append("Content-Length")
            } else {
                out += Array("\(name): \(value)\r\n".utf8)
                names.append(name)
            }
        }
        out += [13, 10] + request.body
        let trace = StreamTrace(out, cutAt: [], limits: .init())
        guard let again = trace.requests.first, trace.requests.count == 1, !trace.isUnfinished else {
            throw Violation("written again it is refused", trace.refusal as Any, String(decoding: out, as: UTF8.self))
        }
        try require(
            isSame(again.line, request.line) && again.query == request.query && again.body == request.body
                && again.fieldNames == names && again.keepsAlive == request.keepsAlive,
            "written again it differs", "\(request)\n  \(again)")
    }

    private static func reescaped(_ path: Substring) -> String {
        path.utf8.map { byte in
            let isPlain = byte >= 45 && byte <= 57 || byte >= 97 && byte <= 122
            return isPlain ? String(UnicodeScalar(byte)) : escaped(byte)
        }.joined()
    }
}

extension ServerConfiguration.Limits {
    /// Limits within the reach of short inputs.
    static var small: Self {
        var limits = Self()
        limits.requestLine = 60
        limits.headerBlock = 160
        limits.headerCount = 6
        limits.body = 24
        return limits
    }
}

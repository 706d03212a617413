@testable import HTTP

/// What the parser makes of a stream that comes in pieces.
struct StreamTrace: Equatable {
    struct Parsed: Equatable {
        let line: String
        let query: [UInt8]?
        let header: [UInt8]
        let fieldNames: [String]
        let fieldValues: [String]
        let body: [UInt8]
        let isChunked: Bool
        let keepsAlive: Bool
        /// Where the request ends in the stream.
        let end: Int
    }

    var requests: [Parsed] = []
    var refusal: Refusal?
    var isUnfinished = false

    /// Feeds the stream, cut before each of the given places.
    init(_ stream: [UInt8], cutAt cuts: some Sequence<Int>, limits: ServerConfiguration.Limits) {
        var parser = RequestParser(limits: limits)
        var start = 0
        var consumed = 0
        for end in [Array(cuts), [stream.count]].joined() where end > start && end <= stream.count {
            start = end
            drain(stream, upTo: end, &consumed, &parser)
            if refusal != nil { return }
        }
        isUnfinished = consumed < stream.count || parser.isInsideBody
    }

    private mutating func drain(
        _ stream: [UInt8], upTo end: Int, _ position: inout Int, _ parser: inout RequestParser
    ) {
        while position < end {
            var consumed = 0
            do throws(Refusal) {
                let outcome = try parser.advance(over: stream.span.extracting(position..<end), consumed: &consumed)
                position += consumed
                switch outcome {
                case .incomplete: return
                case .awaitingContinue: continue
                case .request(let head, let body): requests.append(Parsed(head, body, end: position))
                }
            } catch {
                refusal = error
                return
            }
        }
    }
}

extension StreamTrace.Parsed {
    init(_ head: RequestHead, _ body: [UInt8], end: Int) {
        let version = head.line.version == .http11 ? "HTTP/1.1" : "HTTP/1.0"
        self.init(
            line: "\(head.line.method) \(head.line.target.path) \(version)",
            query: head.line.target.hasQuery ? head.line.target.query : nil,
            header: head.headers.bytes,
            fieldNames: head.headers.map(\.name),
            fieldValues: head.headers.map(\.value),
            body: body,
            isChunked: head.headers["Transfer-Encoding"] != nil,
            keepsAlive: head.keepsAlive,
            end: end
        )
    }

    var version: Substring { line.suffix(8) }
    var method: Substring { line.prefix { $0 != " " } }
    /// The decoded path.
    var path: Substring { line.dropFirst(method.count + 1).dropLast(9) }
}

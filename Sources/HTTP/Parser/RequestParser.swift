/// Reads requests from a stream of bytes, strictly: RFC 9112.
///
/// Whatever the specification does not allow is refused, and so is what it allows but software reads differently. The
/// outcome does not depend on how the stream is cut into pieces.
///
/// The owner keeps the bytes: each call gets all that were not consumed yet and says how many it is done with. The
/// header stays in the owner's buffer until complete, so a request costs two copies, of the header block and the content.
struct RequestParser: Sendable {
    enum Outcome: Sendable {
        /// More bytes are needed.
        case incomplete
        /// The header is complete and its sender waits for leave to send the content: once a request.
        case awaitingContinue
        /// A whole request. The parser is ready for the next.
        case request(RequestHead, body: [UInt8])
    }

    private enum Phase: Sendable {
        case requestLine
        case fields(RequestHead)
        case body(RequestHead, remaining: Int)
        case chunks(RequestHead, ChunkedContent)
    }

    private let limits: ServerConfiguration.Limits
    private var phase = Phase.requestLine
    /// Where the search for the end of the line goes on, where the current line and the header block begin: all counted
    /// from the first byte not consumed.
    private var scan = 0
    private var lineStart = 0
    private var blockStart = 0
    private var fields: [Headers.Field] = []
    private var body: [UInt8] = []
    private var skippedEmptyLine = false
    /// The header of the request whose content is too large, for whoever answers it.
    private(set) var refusedHead: RequestHead?

    init(limits: ServerConfiguration.Limits) {
        self.limits = limits
    }

    /// Whether the header is complete and the content is not.
    var isInsideBody: Bool {
        switch phase {
        case .requestLine, .fields: false
        case .body, .chunks: true
        }
    }

    /// Bytes of content held for a request that is not whole.
    var heldBytes: Int { body.capacity }

    /// Goes as far as the bytes allow.
    ///
    /// After a refusal the parser is not to be used again.
    mutating func advance(over input: borrowing Span<UInt8>, consumed: inout Int) throws(Refusal) -> Outcome {
        while true {
            switch phase {
            case .requestLine:
                guard try parseRequestLine(input) else { return .incomplete }
            case .fields(var head):
                phase = .requestLine
                guard let end = try parseFields(input, &head) else {
                    phase = .fields(head)
                    return .incomplete
                }
                consumed = end
                if let outcome = try beginBody(head, hasMore: end < input.count) { return outcome }
            case .body(let head, let remaining):
                let count = min(remaining, input.count - consumed)
                input.withUnsafeBufferPointer { body.append(contentsOf: $0[consumed..<consumed + count]) }
                consumed += count
                guard count == remaining else {
                    phase = .body(head, remaining: remaining - count)
                    return .incomplete
                }
                return finish(head)
            case .chunks(let head, var content):
                phase = .requestLine
                let isComplete: Bool
                do throws(Refusal) {
                    isComplete = try content.advance(over: input, consumed: &consumed, into: &body, limits: limits)
                } catch {
                    if error == .bodyTooLarge { refusedHead = head }
                    throw error
                }
                guard isComplete else {
                    phase = .chunks(head, content)
                    return .incomplete
                }
                return finish(head)
            }
        }
    }

    private mutating func parseRequestLine(_ input: borrowing Span<UInt8>) throws(Refusal) -> Bool {
        guard lineStart < input.count else { return false }
        // Another protocol (a TLS greeting, say) shows at its first byte; waiting for a line of it would be in vain.
        let first = input[lineStart]
        guard FieldGrammar.isTokenByte(first) || (first == 13 && !skippedEmptyLine) else { throw .requestLine }
        switch LineSearch.next(in: input, from: lineStart, scan: &scan, limit: limits.requestLine) {
        case .incomplete: return false
        case .tooLong: throw .lineTooLong
        case .bareLineFeed: throw .bareLineEnd
        case .line(let line):
            lineStart = line.upperBound + 2
            if line.isEmpty {
                // RFC 9112 §2.2: one empty line before a request is forgiven.
                skippedEmptyLine = true
                return try parseRequestLine(input)
            }
            phase = .fields(RequestHead(line: try RequestLine(input, line)))
            blockStart = lineStart
            fields.reserveCapacity(12)
            return true
        }
    }

    /// The end of the header, once it is there.
    private mutating func parseFields(_ input: borrowing Span<UInt8>, _ head: inout RequestHead) throws(Refusal) -> Int?
    {
        while true {
            let limit = limits.headerBlock - (lineStart - blockStart)
            switch LineSearch.next(in: input, from: lineStart, scan: &scan, limit: limit) {
            case .incomplete: return nil
            case .tooLong: throw .headerTooLarge
            case .bareLineFeed: throw .bareLineEnd
            case .line(let line) where line.isEmpty:
                try head.framing.check(head.line.target.authority, input)
                head.headers = Headers(parsed: input.array(blockStart..<line.lowerBound), fields: fields)
                return line.upperBound + 2
            case .line(let line):
                guard fields.count < limits.headerCount else { throw .headerTooLarge }
                let field = try FieldLine(input, line)
                try head.framing.note(input, name: field.name, value: field.value)
                fields.append(Headers.Field(field, from: blockStart))
                lineStart = line.upperBound + 2
            }
        }
    }

    /// What comes after the header; an outcome if the call ends here.
    private mutating func beginBody(_ head: RequestHead, hasMore: Bool) throws(Refusal) -> Outcome? {
        scan = 0
        lineStart = 0
        fields = []
        let content = try head.framing.content(head.line.version)
        switch content {
        case .none: return finish(head)
        case .length(let length):
            // Memory is taken for what comes, not for what is announced.
            guard length <= bodyLimit(of: head) else {
                refusedHead = head
                throw .bodyTooLarge
            }
            phase = .body(head, remaining: length)
        case .chunked: phase = .chunks(head, ChunkedContent(limit: bodyLimit(of: head)))
        }
        let mayWait = head.framing.expectsContinue && head.line.version == .http11
        return mayWait && !hasMore ? .awaitingContinue : nil
    }

    private func bodyLimit(of head: RequestHead) -> Int {
        limits.bodyOfRoute?(head.line.method, head.line.target.path) ?? limits.body
    }

    private mutating func finish(_ head: RequestHead) -> Outcome {
        let body = body
        self.body = []
        phase = .requestLine
        skippedEmptyLine = false
        return .request(head, body: body)
    }
}

extension Headers.Field {
    init(_ line: FieldLine, from start: Int) {
        self.init(
            nameStart: UInt32(truncatingIfNeeded: line.name.lowerBound - start),
            nameCount: UInt32(truncatingIfNeeded: line.name.count),
            valueStart: UInt32(truncatingIfNeeded: line.value.lowerBound - start),
            valueCount: UInt32(truncatingIfNeeded: line.value.count)
        )
    }
}

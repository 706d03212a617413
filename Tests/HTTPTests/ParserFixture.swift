@testable import HTTP

/// What the parser made of a stream of bytes.
struct ParserTrace: Equatable, CustomStringConvertible {
    struct Parsed: Equatable {
        let method: Method
        let path: String
        let query: [UInt8]?
        let fields: [String]
        let body: [UInt8]
        let keepsAlive: Bool
    }

    var requests: [Parsed] = []
    var refusal: Refusal?
    /// Bytes left unconsumed without a refusal: the beginning of a request that never came.
    var isUnfinished = false

    var description: String { "\(requests) \(refusal.map { "\($0)" } ?? "") unfinished: \(isUnfinished)" }

    /// Feeds the stream in pieces of the given sizes, the last size repeated, keeping the rest as a connection does.
    init(_ stream: [UInt8], pieces: [Int] = [.max], limits: ServerConfiguration.Limits = .init()) {
        var parser = RequestParser(limits: limits)
        var pending: [UInt8] = []
        var offset = 0
        var sizes = pieces.makeIterator()
        var size = Int.max
        while offset < stream.count {
            size = sizes.next() ?? size
            let end = min(stream.count, offset + min(size, stream.count - offset))
            pending += stream[offset..<end]
            offset = end
            drain(&pending, &parser)
            if refusal != nil { return }
        }
        isUnfinished = !pending.isEmpty || parser.isInsideBody
    }

    private mutating func drain(_ pending: inout [UInt8], _ parser: inout RequestParser) {
        while !pending.isEmpty {
            var consumed = 0
            do throws(Refusal) {
                let outcome = try parser.advance(over: pending.span, consumed: &consumed)
                pending.removeFirst(consumed)
                switch outcome {
                case .incomplete: return
                case .awaitingContinue: continue
                case .request(let head, let body): requests.append(Parsed(head, body))
                }
            } catch {
                refusal = error
                return
            }
        }
    }
}

extension ParserTrace.Parsed {
    init(_ head: RequestHead, _ body: [UInt8]) {
        self.init(
            method: head.line.method,
            path: head.line.target.path,
            query: head.line.target.hasQuery ? head.line.target.query : nil,
            fields: head.headers.map { "\($0.name)=\($0.value)" },
            body: body,
            keepsAlive: head.keepsAlive
        )
    }
}

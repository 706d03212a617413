internal import CCurl
internal import Reactor

/// One hop of a request on its way: what goes out, what has come, and who waits for it.
///
/// `@unchecked Sendable`: what varies is touched by the thread of the engine alone, which every exchange enters by the
/// engine's lock and which runs libcurl's callbacks too; `outcome` has its own lock.
final class Exchange: @unchecked Sendable {
    let address: OutgoingAddress
    let method: Method
    let fields: Headers
    let content: [UInt8]
    let destination: Destination
    let deadline: Deadline
    let answerLimit: Int
    let outcome = Outcome<OutgoingAnswer>()

    // The thread of the engine alone.

    /// Addresses that were judged: the connection goes to one of them or nowhere.
    var pinned: [SocketAddress] = []
    /// The transfer; `nil` while the name is being resolved.
    var transfer: Transfer?
    /// Why the exchange was cut off by us.
    var cut: OutgoingError?
    private var receivedFields = ReceivedFields()
    private var received: [UInt8] = []

    init(_ request: OutgoingRequest, _ fields: Headers, to address: OutgoingAddress) {
        self.address = address
        self.fields = fields
        method = request.method
        content = request.body
        destination = request.destination
        deadline = request.deadline
        answerLimit = max(0, request.answerLimit)
    }

    /// Whether a connection may go there: only to what was judged, and judged once more.
    func admits(_ peer: SocketAddress) -> Bool {
        guard pinned.contains(peer) else { return false }
        guard let fetchGuard = destination.fetchGuard else { return true }
        return fetchGuard.admits(peer)
    }

    /// Takes content of the answer; false if it is too much.
    func take(content bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard received.count + bytes.count <= answerLimit else {
            cut = .tooLarge
            return false
        }
        received.append(contentsOf: bytes)
        return true
    }

    /// Takes a line of the header; false if there are too many.
    func take(line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard receivedFields.take(line) else {
            cut = .tooLarge
            return false
        }
        return true
    }

    /// The answer once all of it is there.
    func answer(status: Int) -> OutgoingAnswer? {
        guard (200...599).contains(status) else { return nil }
        return OutgoingAnswer(status: Status(rawValue: UInt16(status)), headers: receivedFields.fields, body: received)
    }
}

/// The header of an answer as it comes, line by line.
struct ReceivedFields {
    private(set) var fields = Headers()
    private var bytes = 0
    private var isComplete = false

    /// Bytes of all header lines of an exchange, interim answers and trailers included.
    private static let limit = 32 * 1024

    /// Takes a line with its end; false if there are too many bytes.
    mutating func take(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes += line.count
        guard bytes <= Self.limit else { return false }
        if line.starts(with: "HTTP/".utf8) {
            // A new answer: the one before was interim (100 to 199).
            fields = Headers()
            isComplete = false
        } else if line.allSatisfy({ $0 == 13 || $0 == 10 }) {
            isComplete = true
        } else if !isComplete, let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: line[..<colon], as: UTF8.self)
            let value = String(decoding: line[line.index(after: colon)...], as: UTF8.self)
            let trimmed = value.trimmingFieldSpace()
            // What is no field is left out: nobody shall build on it.
            if FieldGrammar.isToken(name.utf8), FieldGrammar.isFieldValue(trimmed.utf8) { fields.add(name, trimmed) }
        }
        return true
    }
}

extension String {
    /// Without the white space around a field value, and its line's end: RFC 9110 §5.5.
    fileprivate func trimmingFieldSpace() -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 9 || $0 == 13 || $0 == 10 }
        guard let first = utf8.firstIndex(where: { !isSpace($0) }), let last = utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}

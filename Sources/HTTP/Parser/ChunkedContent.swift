/// The chunked transfer coding: RFC 9112 §7.1.
///
/// Extensions are skipped within a bound, trailer fields checked and thrown away.
struct ChunkedContent: Sendable {
    private enum Phase: Sendable {
        case size
        case data(Int)
        case dataEnd
        case trailer
    }

    /// Bytes of content.
    private let limit: Int
    private var phase = Phase.size
    private var scan = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    /// Bytes of one size line: 16 digits and a short extension.
    private static let sizeLineLimit = 256
    /// Bytes of all extensions of one message.
    private static let extensionLimit = 4096

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes what it can from `input`, from `consumed` on.
    ///
    /// True at the end of the content.
    mutating func advance(
        over input: borrowing Span<UInt8>,
        consumed: inout Int,
        into body: inout [UInt8],
        limits: ServerConfiguration.Limits
    ) throws(Refusal) -> Bool {
        while true {
            switch phase {
            case .size:
                guard let line = try nextLine(input, &consumed, limit: Self.sizeLineLimit, refusal: .chunk) else {
                    return false
                }
                let size = try size(input, line)
                guard size <= limit - body.count else { throw .bodyTooLarge }
                phase = size == 0 ? .trailer : .data(size)
            case .data(let remaining):
                let count = min(remaining, input.count - consumed)
                input.withUnsafeBufferPointer { body.append(contentsOf: $0[consumed..<consumed + count]) }
                consumed += count
                guard count == remaining else {
                    phase = .data(remaining - count)
                    return false
                }
                phase = .dataEnd
            case .dataEnd:
                guard let line = try nextLine(input, &consumed, limit: 0, refusal: .chunk) else { return false }
                guard line.isEmpty else { throw .chunk }
                phase = .size
            case .trailer:
                let limit = limits.headerBlock - trailerBytes
                guard let line = try nextLine(input, &consumed, limit: limit, refusal: .headerTooLarge) else {
                    return false
                }
                if line.isEmpty { return true }
                trailerBytes += line.count + 2
                trailerCount += 1
                guard trailerCount <= limits.headerCount else { throw .headerTooLarge }
                let field = try FieldLine(input, line)
                // RFC 9110 §6.5.1: whoever adds it to the header would read another message.
                guard !Framing.decides(input, field.name) else { throw .trailer }
            }
        }
    }

    private mutating func nextLine(
        _ input: borrowing Span<UInt8>,
        _ consumed: inout Int,
        limit: Int,
        refusal: Refusal
    ) throws(Refusal) -> Range<Int>? {
        // `scan` counts from the first byte not consumed, which is where the next call's input begins.
        var position = consumed + scan
        switch LineSearch.next(in: input, from: consumed, scan: &position, limit: limit) {
        case .line(let line):
            scan = 0
            consumed = line.upperBound + 2
            return line
        case .incomplete:
            scan = position - consumed
            return nil
        case .tooLong: throw refusal
        case .bareLineFeed: throw .bareLineEnd
        }
    }

    private mutating func size(_ input: borrowing Span<UInt8>, _ line: Range<Int>) throws(Refusal) -> Int {
        var position = line.lowerBound
        var size = 0
        while position < line.upperBound, let digit = Hex.value(input[position]) {
            // Sixteen digits overflow; eight are more than any limit.
            guard position - line.lowerBound < 8 else { throw .chunk }
            size = size << 4 | Int(digit)
            position += 1
        }
        guard position > line.lowerBound else { throw .chunk }
        guard position < line.upperBound else { return size }
        guard input[position] == UInt8(ascii: ";") else { throw .chunk }
        extensionBytes += line.upperBound - position
        guard extensionBytes <= Self.extensionLimit else { throw .chunk }
        for index in position..<line.upperBound where !FieldGrammar.isValueByte(input[index]) { throw .chunk }
        return size
    }
}

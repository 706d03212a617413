/// One header or trailer field: RFC 9112 §5.
///
/// No folding, no space before the colon, no control bytes.
struct FieldLine {
    let name: Range<Int>
    let value: Range<Int>

    init(_ input: borrowing Span<UInt8>, _ line: Range<Int>) throws(Refusal) {
        var position = line.lowerBound
        if input[position] == 32 || input[position] == 9 { throw .folding }
        while position < line.upperBound, FieldGrammar.isTokenByte(input[position]) { position += 1 }
        guard position > line.lowerBound, position < line.upperBound, input[position] == UInt8(ascii: ":") else {
            throw .fieldLine
        }
        name = line.lowerBound..<position
        guard FieldGrammar.isFieldValue(input, position + 1..<line.upperBound) else { throw .fieldLine }
        value = Self.trimmed(input, position + 1..<line.upperBound)
    }

    /// Without the spaces and tabs at both ends.
    static func trimmed(_ input: borrowing Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, input[start] == 32 || input[start] == 9 { start += 1 }
        while start < end, input[end - 1] == 32 || input[end - 1] == 9 { end -= 1 }
        return start..<end
    }
}

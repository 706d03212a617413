import Testing

@testable import HTTP

@Suite("Bytes of field values")
struct FieldGrammarTests {
    @Test func countByThemselvesWhereverTheyStand() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<20 {
                for other in [UInt8(ascii: "a"), 0x80, 9, 0x20] {
                    var value = [UInt8](repeating: other, count: 20)
                    value[place] = byte
                    #expect(isAllowed(value, 0..<20) == FieldGrammar.isValueByte(byte), "\(byte) at \(place)")
                    // What is outside of the range does not count.
                    let (after, before) = (isAllowed(value, place + 1..<20), isAllowed(value, 0..<place))
                    #expect(after && before)
                }
            }
        }
    }

    private func isAllowed(_ value: [UInt8], _ range: Range<Int>) -> Bool {
        FieldGrammar.isFieldValue(value.span, range)
    }
}

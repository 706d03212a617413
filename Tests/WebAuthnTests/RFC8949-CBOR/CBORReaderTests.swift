import MartletTesting
import Testing

@testable import WebAuthn

@Suite("RFC 8949 CBOR, in the canonical form of CTAP 2")
struct CBORReaderTests {
    static let values: [(String, CBORValue)] = [
        ("00", .unsigned(0)), ("17", .unsigned(23)), ("1818", .unsigned(24)), ("18ff", .unsigned(255)),
        ("190100", .unsigned(256)), ("19ffff", .unsigned(65_535)), ("1a00010000", .unsigned(65_536)),
        ("1affffffff", .unsigned(4_294_967_295)), ("1b0000000100000000", .unsigned(4_294_967_296)),
        ("1bffffffffffffffff", .unsigned(.max)), ("20", .negative(0)), ("26", CBORValue(-7)),
        ("390100", CBORValue(-257)), ("3bffffffffffffffff", .negative(.max)),
        ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])), ("60", .text("")), ("62c3bc", .text("ü")),
        ("64f0908591", .text("𐅑")), ("80", .array([])), ("83010203", .array([1, 2, 3].map { CBORValue($0) })),
        ("a0", .map(CBORMap([]))), ("f4", .bool(false)), ("f5", .bool(true)), ("f6", .null),
        (
            "a3 01 02 20 03 61 61 80",
            .map(
                CBORMap([
                    .init(CBORValue(1), CBORValue(2)), .init(CBORValue(-1), CBORValue(3)),
                    .init(.text("a"), .array([])),
                ]))
        ),
        ("81818180", .array([.array([.array([.array([])])])])),
    ]

    @Test(.spec("RFC 8949 §3"), arguments: values.indices)
    func readsAndWritesEveryKindOfItem(_ index: Int) throws {
        let (hex, value) = Self.values[index]
        let encoded = bytes(hex: hex)
        #expect(try CBORReader.read(encoded) == value)
        #expect(value.encoded == encoded)
        for count in 0..<encoded.count {
            #expect(throws: CBORError.unexpectedEnd) { try CBORReader.read(Array(encoded[..<count])) }
        }
        let longer = encoded + [0]
        #expect(throws: CBORError.trailingBytes) { try CBORReader.read(longer) }
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let hex: String
        let error: CBORError
        /// What is read, and differs in just that.
        let neighbor: String

        init(_ testDescription: String, _ hex: String, _ error: CBORError, neighbor: String) {
            self.testDescription = testDescription
            self.hex = hex
            self.error = error
            self.neighbor = neighbor
        }
    }

    @Test(
        .spec("RFC 8949 §4.2", "Y-11"),
        arguments: [
            Refused("a number in two bytes that fits one", "1817", .notShortest, neighbor: "17"),
            Refused("a number in three bytes", "1900ff", .notShortest, neighbor: "18ff"),
            Refused("a number in five bytes", "1a0000ffff", .notShortest, neighbor: "19ffff"),
            Refused("a number in nine bytes", "1b00000000ffffffff", .notShortest, neighbor: "1affffffff"),
            Refused("a negative number in two bytes", "3806", .notShortest, neighbor: "26"),
            Refused("a length in two bytes", "580100", .notShortest, neighbor: "4100"),
            Refused("a count in two bytes", "980100", .notShortest, neighbor: "8100"),
            Refused("octets in pieces", "5f4100ff", .indefiniteLength, neighbor: "4100"),
            Refused("a text in pieces", "7f6161ff", .indefiniteLength, neighbor: "6161"),
            Refused("an array up to a break", "9f00ff", .indefiniteLength, neighbor: "8100"),
            Refused("a map up to a break", "bf0000ff", .indefiniteLength, neighbor: "a10000"),
            Refused("a break alone", "ff", .indefiniteLength, neighbor: "f6"),
            Refused("a tag", "c000", .unsupportedItem, neighbor: "00"),
            Refused("a half", "f93c00", .unsupportedItem, neighbor: "01"),
            Refused("a single", "fa3f800000", .unsupportedItem, neighbor: "01"),
            Refused("a double", "fb3ff0000000000000", .unsupportedItem, neighbor: "01"),
            Refused("undefined", "f7", .unsupportedItem, neighbor: "f6"),
            Refused("a simple value without a meaning", "f0", .unsupportedItem, neighbor: "f5"),
            Refused("a simple value in two bytes", "f8ff", .unsupportedItem, neighbor: "f5"),
            Refused("reserved information", "1c", .reserved, neighbor: "17"),
            Refused("reserved information of a simple value", "fc", .reserved, neighbor: "f6"),
            Refused("a text of half a character", "61c3", .invalidUTF8, neighbor: "62c3bc"),
            Refused("a surrogate in a text", "63eda080", .invalidUTF8, neighbor: "63e6b0b4"),
            Refused("a key twice", "a201000100", .duplicateKey, neighbor: "a201000200"),
            Refused("a text key twice", "a2616100616100", .duplicateKey, neighbor: "a2616100616200"),
            Refused("keys falling", "a202000100", .unsortedKeys, neighbor: "a201000200"),
            Refused("a negative key first", "a220000100", .unsortedKeys, neighbor: "a201002000"),
            Refused("a long key first", "a26262620061 6100", .unsortedKeys, neighbor: "a2616100 62626200"),
            Refused("octets for a key", "a1410000", .unsupportedKey, neighbor: "a1610000"),
            Refused("a list for a key", "a18000", .unsupportedKey, neighbor: "a10000"),
            Refused("a truth for a key", "a1f500", .unsupportedKey, neighbor: "a10500"),
            Refused("five lists within each other", "8181818180", .tooDeep, neighbor: "81818180"),
            Refused("five maps within each other", "a100a100a100a100a0", .tooDeep, neighbor: "a100a100a100a0"),
            Refused("more octets than there are", "5affffffff", .unexpectedEnd, neighbor: "40"),
            Refused("as many as a number can say", "5bffffffffffffffff", .unexpectedEnd, neighbor: "40"),
            Refused("more items than there are", "9bffffffffffffffff", .unexpectedEnd, neighbor: "80"),
            Refused("more pairs than there are", "bb7fffffffffffffff", .unexpectedEnd, neighbor: "a0"),
            Refused("a pair cut in half", "a101", .unexpectedEnd, neighbor: "a10101"),
            Refused("nothing", "", .unexpectedEnd, neighbor: "f6"),
        ])
    func refusesAnyOtherSpelling(_ refused: Refused) throws {
        let encoded = bytes(hex: refused.hex)
        #expect(throws: refused.error) { try CBORReader.read(encoded) }
        let neighbor = bytes(hex: refused.neighbor)
        #expect(throws: Never.self) { try CBORReader.read(neighbor) }
    }

    @Test func refusesMoreThanTheLimit() throws {
        let head: [UInt8] = [0x59, 0xFF, 0xFD]
        let longest = head + [UInt8](repeating: 0, count: 0xFFFD)
        #expect(longest.count == CBORReader.longest)
        #expect(try CBORReader.read(longest).bytes?.count == 0xFFFD)
        let longer = [0x59, 0xFF, 0xFE] + [UInt8](repeating: 0, count: 0xFFFE)
        #expect(throws: CBORError.oversize) { try CBORReader.read(longer) }
    }

    @Test func standsBehindTheItemThatWasRead() throws {
        let two = bytes(hex: "6161 1818")
        var reader = CBORReader()
        #expect(try reader.readItem(two.span) == .text("a"))
        #expect(reader.position == 2)
        #expect(try reader.readItem(two.span) == .unsigned(24))
        #expect(reader.position == 4)
        #expect(throws: CBORError.unexpectedEnd) { try reader.readItem(two.span) }
    }

    @Test func numbersThatDoNotFitAreNone() throws {
        #expect(try CBORReader.read(bytes(hex: "1b7fffffffffffffff")).integer == .max)
        #expect(try CBORReader.read(bytes(hex: "1b8000000000000000")).integer == nil)
        #expect(try CBORReader.read(bytes(hex: "3b7fffffffffffffff")).integer == .min)
        #expect(try CBORReader.read(bytes(hex: "3b8000000000000000")).integer == nil)
    }

    /// What the canonical form and WebAuthn have no use for is refused; all else is read and written back.
    @Test(
        .spec("RFC 8949 appendix A"), .enabled(if: Vectors.haveAppendixA, Vectors.absence))
    func readsTheExamplesOfTheSpecification() throws {
        var read = 0
        for (encoded, isCanonical) in try Vectors.appendixA() {
            let initial = encoded[0]
            let isTag = initial >> 5 == 6
            let isOtherSimple = initial >> 5 == 7 && ![0xF4, 0xF5, 0xF6].contains(initial)
            let isIndefinite = encoded.contains { $0 & 0x1F == 0x1F } && !isCanonical
            if isTag || isOtherSimple || isIndefinite {
                #expect(throws: CBORError.self, "\(encoded)") { try CBORReader.read(encoded) }
            } else {
                #expect(isCanonical)
                #expect(try CBORReader.read(encoded).encoded == encoded)
                read += 1
            }
        }
        #expect(read == 37)
    }
}

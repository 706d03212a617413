@testable import JSON

extension FuzzTarget {
    /// JSON texts: RFC 8259, RFC 7493.
    static let json = FuzzTarget(name: "json", longestInput: 256) { bytes throws(Violation) in
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes) } catch {
            try require(error.offset >= 0 && error.offset <= bytes.count, "an error outside the text", "\(error)")
            return
        }
        let written = value.jsonBytes()
        guard let again = try? JSONValue(parsing: written) else {
            throw Violation("written again it is refused", String(decoding: written, as: UTF8.self))
        }
        try require(again == value, "written again it differs", String(decoding: written, as: UTF8.self))
        try require(
            again.jsonBytes() == written, "two spellings of one value", String(decoding: written, as: UTF8.self))
        // A text is whole or it is not: only white space and numbers may end sooner.
        if let last = bytes.last, last == UInt8(ascii: "]") || last == UInt8(ascii: "}") || last == UInt8(ascii: "\"") {
            let cut = Array(bytes.dropLast())
            try require((try? JSONValue(parsing: cut)) == nil, "a text without its end is taken")
        }
    }
}

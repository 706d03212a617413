import JSON
import OAuthTypes

/// What a text must look like: its length in code points, and a closed list of shapes.
///
/// Each shape is a check in code and the same as a regular expression (ECMA-262), for the document.
struct TextRule: Sendable {
    enum Shape: Sendable {
        case anything
        /// No control characters.
        case oneLine
        case digits
        case base64url
        /// Two parts with a dot between: the first of 43 characters, the second perhaps empty.
        case pair
        /// Parts with dots between.
        case parts
        /// What recovery codes are typed with.
        case typedCode
        /// Decimal numbers with dots between.
        case numbers
        /// Of an address: by the reader of addresses that sign-in uses.
        case email
        /// A date and time of the internet.
        case moment
        /// A URI.
        case uri
    }

    let length: ClosedRange<Int>
    let shape: Shape
    /// Whether clients are told that it is a secret.
    var isSecret = false

    func accepts(_ text: String) -> Bool {
        guard length.contains(text.unicodeScalars.count) else { return false }
        switch shape {
        case .anything, .moment, .uri: return true
        case .oneLine: return !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        case .digits: return text.utf8.allSatisfy(TextRule.isDigit)
        case .base64url: return text.utf8.allSatisfy(TextRule.isBase64URL)
        case .pair:
            let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            return parts.count == 2 && parts[0].count == 43
                && parts.allSatisfy { $0.allSatisfy(TextRule.isBase64URL) }
        case .parts: return text.utf8.allSatisfy { TextRule.isBase64URL($0) || $0 == UInt8(ascii: ".") }
        case .typedCode:
            return text.utf8.allSatisfy { TextRule.isAlphanumeric($0) || $0 == 0x20 || $0 == UInt8(ascii: "-") }
        case .numbers: return text.utf8.allSatisfy { TextRule.isDigit($0) || $0 == UInt8(ascii: ".") }
        case .email: return Email(text) != nil
        }
    }

    func encode(to writer: inout JSONWriter, about: String?) {
        writer.object {
            $0.member("type", "string")
            $0.member("minLength", length.lowerBound)
            $0.member("maxLength", length.upperBound)
            $0.member("pattern", pattern)
            $0.member("format", format)
            $0.member("description", about)
        }
    }

    private var pattern: String? {
        switch shape {
        case .anything, .email, .moment, .uri: nil
        case .oneLine: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"
        case .digits: "^[0-9]*$"
        case .base64url: "^[A-Za-z0-9_-]*$"
        case .pair: "^[A-Za-z0-9_-]{43}\\.[A-Za-z0-9_-]*$"
        case .parts: "^[A-Za-z0-9_.-]*$"
        case .typedCode: "^[0-9A-Za-z -]*$"
        case .numbers: "^[0-9.]*$"
        }
    }

    private var format: String? {
        switch shape {
        case .email: "email"
        case .moment: "date-time"
        case .uri: "uri"
        default: isSecret ? "password" : nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}

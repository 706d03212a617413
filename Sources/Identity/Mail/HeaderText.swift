import JOSE

/// Text that can stand in a header field: one line, whatever it was made of (RFC 5322 §2.2).
///
/// Line ends and other controls become spaces, so that no text can begin a field of its own.
public struct HeaderText: Sendable, Equatable {
    /// The line.
    public let value: String

    /// The longest text that is kept, in characters.
    static let limit = 200

    /// The text as one line.
    public init(_ text: String) {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(HeaderText.limit) {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: line.append(" ")
            default: line.append(scalar)
            }
        }
        value = String(line)
    }

    /// Whether it can be written as it is.
    private var isPlain: Bool {
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !value.contains("=?") && value.utf8.count <= 60
    }

    /// As unstructured text: RFC 5322 §3.2.5, else in encoded words (RFC 2047 §5 (1)).
    var unstructured: String { isPlain ? value : HeaderText.encodedWords(value) }

    /// As a phrase in front of an address: a quoted string, else encoded words (RFC 2047 §5 (3)).
    var phrase: String {
        guard isPlain else { return HeaderText.encodedWords(value) }
        return "\"" + value.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }

    /// Words of 75 characters at most (RFC 2047 §2), each on a line of its own and none with half a character.
    private static func encodedWords(_ text: String) -> String {
        var words: [String] = []
        var chunk: [UInt8] = []
        func close() {
            words.append("=?utf-8?B?" + Base64.encode(chunk) + "?=")
            chunk = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if chunk.count + bytes.count > 42 { close() }
            chunk += bytes
        }
        close()
        return words.joined(separator: "\r\n ")
    }
}

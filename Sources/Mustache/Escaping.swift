/// How `{{name}}` writes text.
///
/// `{{{name}}}` and `{{&name}}` always write it as it is.
public enum Escaping: Sendable {
    /// Safe between tags and inside quoted attribute values: `& < > " '` become character references.
    case html
    /// As it is, for plain text such as mail.
    case none

    /// Appends the text, escaped.
    func append(_ text: String, to output: inout [UInt8]) {
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            switch self {
            case .html: Escaping.appendHTML(bytes, to: &output)
            case .none: output.append(contentsOf: bytes)
            }
        }
        if written == nil {
            // A string without contiguous storage: copy it into one that has it.
            append(String(decoding: Array(text.utf8), as: UTF8.self), to: &output)
        }
    }

    /// Copies runs without special characters whole: most texts are one run.
    private static func appendHTML(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var runStart = 0
        for index in bytes.indices {
            guard let reference = reference(for: bytes[index]) else { continue }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<index]))
            output.append(contentsOf: reference.utf8)
            runStart = index + 1
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart...]))
    }

    @inline(__always)
    private static func reference(for byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}

/// The few forms of ASN.1 that a directory's answers are made of: RFC 4511 §5.1.
enum BER {
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case 0..<0x80: [UInt8(count)]
            default: [0x84] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
            }
        return [tag] + length + content
    }

    static func text(_ text: String) -> [UInt8] { element(0x04, Array(text.utf8)) }

    static func number(_ tag: UInt8, _ number: UInt8) -> [UInt8] { [tag, 1, number] }

    /// A message with an operation in it.
    static func message(_ id: UInt8, _ operation: UInt8, _ content: [UInt8]) -> [UInt8] {
        element(0x30, number(0x02, id) + element(operation, content))
    }

    /// What ends an operation: code, name, words, and what it refers to.
    static func result(_ code: UInt8, words: String = "", referral: [String] = []) -> [UInt8] {
        number(0x0A, code) + text("") + text(words)
            + (referral.isEmpty ? [] : element(0xA3, referral.flatMap { text($0) }))
    }

    static func entry(_ name: String, _ values: [(String, [String])]) -> [UInt8] {
        text(name)
            + element(
                0x30, values.flatMap { name, values in element(0x30, text(name) + element(0x31, values.flatMap(text))) }
            )
    }
}

/// Operations by their tags: RFC 4511 §4.
enum Operation {
    static let bind: UInt8 = 0x60
    static let bindResponse: UInt8 = 0x61
    static let unbind: UInt8 = 0x42
    static let search: UInt8 = 0x63
    static let entry: UInt8 = 0x64
    static let searchEnd: UInt8 = 0x65
    static let reference: UInt8 = 0x73
    static let extended: UInt8 = 0x77
    static let extendedResponse: UInt8 = 0x78
}

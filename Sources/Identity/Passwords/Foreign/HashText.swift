import JOSE

/// The parts of a hash as text: the PHC string format, and what programs make of it.
enum HashText {
    /// Base 64 without padding; with it too, and with `.` for `+` as passlib writes.
    static func decode(_ text: some StringProtocol) throws(ForeignHash.Refusal) -> [UInt8] {
        var bytes = Array(text.utf8)
        var padding = 0
        while padding < 2, bytes.last == UInt8(ascii: "=") {
            bytes.removeLast()
            padding += 1
        }
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "+"), UInt8(ascii: "."): bytes[index] = UInt8(ascii: "-")
            case UInt8(ascii: "/"): bytes[index] = UInt8(ascii: "_")
            case UInt8(ascii: "-"), UInt8(ascii: "_"): throw .malformed  // another alphabet
            default: break
            }
        }
        guard let decoded = Base64URL.decode(bytes.span) else { throw .malformed }
        return decoded
    }

    /// Base 64 without padding.
    static func encode(_ bytes: [UInt8]) -> String { String(Base64.encode(bytes).prefix { $0 != "=" }) }

    /// Numbers by name, such as `m=65536,t=3,p=2`: each once, and none but these.
    static func numbers(_ text: String, _ names: Set<String>) throws(ForeignHash.Refusal) -> [String: UInt32] {
        var values: [String: UInt32] = [:]
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard halves.count == 2, names.contains(halves[0]), values[halves[0]] == nil else { throw .malformed }
            values[halves[0]] = try number(halves[1])
        }
        return values
    }

    /// Decimal digits; a number that is too large for the type is too costly for anybody.
    static func number(_ text: String) throws(ForeignHash.Refusal) -> UInt32 {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .malformed }
        guard let number = UInt32(text) else { throw .tooCostly }
        return number
    }
}

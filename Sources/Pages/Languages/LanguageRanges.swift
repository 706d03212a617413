/// What languages somebody would like, best first: the language ranges of RFC 4647 §2.1.
public struct LanguageRanges: Equatable, Sendable {
    /// Bytes that are looked at: browsers send fewer, and the rest of a longer list is the least wished for.
    static let byteLimit = 1000
    /// Ranges that are looked at.
    static let limit = 32

    let ranges: [String]

    init(_ ranges: [String]) { self.ranges = ranges }

    /// The list of an `Accept-Language` field, by weight: RFC 9110 §12.5.4.
    ///
    /// What is not well formed is passed over: a page in another language is better than none.
    public init(acceptLanguage field: String) {
        let bytes = field.utf8.prefix(LanguageRanges.byteLimit)
        var weighted: [(range: String, weight: Int)] = []
        for item in bytes.split(separator: UInt8(ascii: ",")).prefix(LanguageRanges.limit) {
            let parts = item.split(separator: UInt8(ascii: ";"), maxSplits: 1)
            guard let range = parts.first.flatMap({ LanguageRanges.range($0) }) else { continue }
            let weight = parts.count == 1 ? 1000 : LanguageRanges.weight(parts[1])
            // Zero stands for “not this one”.
            guard let weight, weight > 0 else { continue }
            weighted.append((range, weight))
        }
        // Of two with the same weight the first one counts, so the sort has to keep their order.
        ranges = weighted.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .map(\.element.range)
    }

    /// The list of `ui_locales`, separated by spaces: OpenID Connect Core §3.1.2.1.
    public init(uiLocales: String) {
        ranges = uiLocales.utf8.prefix(LanguageRanges.byteLimit).split(separator: UInt8(ascii: " "))
            .prefix(LanguageRanges.limit).compactMap { LanguageRanges.range($0) }
    }

    /// The first of the languages that one of the ranges leads to: the lookup of RFC 4647 §3.4, without its default.
    func lookup(among languages: [Language]) -> Language? {
        for range in ranges {
            var parts = range.split(separator: "-")
            while !parts.isEmpty {
                let candidate = parts.joined(separator: "-")
                if let found = languages.first(where: { $0.key == candidate }) { return found }
                parts.removeLast()
                // A single letter or digit opens what follows it, and says nothing by itself.
                if parts.last?.utf8.count == 1 { parts.removeLast() }
            }
        }
        return nil
    }

    /// A range in lower case; nil for the wildcard, which names no language, and for what is no range.
    private static func range(_ bytes: Substring.UTF8View.SubSequence) -> String? {
        Language(trimmed(bytes))?.key
    }

    /// A weight in thousandths: `q=0.5`.
    private static func weight(_ bytes: Substring.UTF8View.SubSequence) -> Int? {
        let text = trimmed(bytes).lowercased().utf8
        guard text.starts(with: "q=".utf8) else { return nil }
        let digits = Array(text.dropFirst(2))
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5,
            digits.count == 1 || digits[1] == UInt8(ascii: "."), digits.dropFirst(2).allSatisfy({ isDigit($0) })
        else { return nil }
        let decimals = digits.dropFirst(2).map { Int($0 - UInt8(ascii: "0")) } + [0, 0, 0]
        let weight = Int(first - UInt8(ascii: "0")) * 1000 + decimals[0] * 100 + decimals[1] * 10 + decimals[2]
        return weight <= 1000 ? weight : nil
    }

    private static func trimmed(_ bytes: Substring.UTF8View.SubSequence) -> String {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let front = bytes.drop(while: isBlank)
        let end = front.lastIndex { !isBlank($0) }
        return String(decoding: end.map { front[...$0] } ?? front.prefix(0), as: UTF8.self)
    }
}

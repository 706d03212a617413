internal import HTTP

/// For how long an answer may be used without asking again: RFC 9111 §4.2.1, as a cache of one's own.
enum CacheLifetime {
    /// What `Cache-Control` and `Age` allow; `nil` where they do not say.
    static func of(_ headers: Headers) -> Duration? {
        var longest: Int64?
        for field in headers.values(of: "Cache-Control") {
            for directive in field.split(separator: ",") {
                let halves = directive.split(separator: "=", maxSplits: 1).map(trimmed)
                switch halves.first?.lowercased() {
                case "no-store", "no-cache": return .zero
                case "max-age":
                    // §4.2.1: of several the first counts; §1.2.2: what is too large is as large as can be.
                    guard longest == nil, halves.count == 2 else { continue }
                    longest = seconds(halves[1])
                default: continue
                }
            }
        }
        guard let longest else { return nil }
        let age = headers["Age"].flatMap { seconds($0) } ?? 0
        return .seconds(max(0, longest - age))
    }

    /// Digits, perhaps in quotes; at most 2^31, as §1.2.2 allows.
    private static func seconds(_ text: String) -> Int64? {
        var digits = text[...]
        if digits.count >= 2, digits.hasPrefix("\""), digits.hasSuffix("\"") { digits = digits.dropFirst().dropLast() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Int64(digits) ?? .max, 1 << 31)
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}

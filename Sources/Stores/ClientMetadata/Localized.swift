/// A value with variants for languages: `name` and `name#de` of RFC 7591 §2.2, OpenID Connect Registration §2.1.
public struct Localized<Value: Sendable & Equatable>: Sendable, Equatable {
    /// The one without a language.
    public var plain: Value?
    /// The others by language tag (BCP 47), as it was written.
    public var byLanguage: [String: Value]

    /// Nothing unless told otherwise.
    public init(_ plain: Value? = nil, byLanguage: [String: Value] = [:]) {
        self.plain = plain
        self.byLanguage = byLanguage
    }

    /// Whether there is none at all.
    public var isEmpty: Bool { plain == nil && byLanguage.isEmpty }

    /// All of them.
    public var values: [Value] { [plain].compactMap(\.self) + byLanguage.sorted { $0.key < $1.key }.map(\.value) }

    /// The one for whoever reads a language; a tag with a region stands in for its language and the reverse.
    public func best(for language: String) -> Value? {
        let wanted = language.lowercased()
        let tags = byLanguage.keys.sorted()
        let exact = tags.first { $0.lowercased() == wanted }
        let related = tags.first { Localized.language(of: $0) == Localized.language(of: wanted) }
        return (exact ?? related).flatMap { byLanguage[$0] } ?? plain ?? tags.first.flatMap { byLanguage[$0] }
    }

    private static func language(of tag: String) -> String {
        String(tag.prefix { $0 != "-" }).lowercased()
    }

    /// Whether a text could be a language tag: letters, digits and hyphens (RFC 5646 §2.1).
    static func isTag(_ text: Substring) -> Bool {
        (2...35).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

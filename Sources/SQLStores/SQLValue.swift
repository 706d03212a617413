import OAuthTypes

/// One value of a parameter or a column, in the four types that both dialects share.
enum SQLValue: Sendable, Equatable {
    case null
    /// Also times (microseconds), counts and truth values (0, 1).
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
    /// What a column held that is none of these, such as text that is not UTF-8: no reader takes it.
    case foreign
}

extension SQLValue {
    static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    static func bytes(_ value: [UInt8]?) -> SQLValue { value.map { .bytes($0) } ?? .null }
    static func id<Kind>(_ value: Identifier<Kind>) -> SQLValue { .text(value.rawValue) }
    static func id<Kind>(_ value: Identifier<Kind>?) -> SQLValue { value.map { .text($0.rawValue) } ?? .null }
    static func id(_ value: ClientID) -> SQLValue { .text(value.rawValue) }
    static func time(_ value: Timestamp) -> SQLValue { .integer(value.microseconds) }
    static func time(_ value: Timestamp?) -> SQLValue { value.map { .integer($0.microseconds) } ?? .null }
    static func digest(_ value: TokenDigest) -> SQLValue { .bytes(value.bytes) }
    static func digest(_ value: TokenDigest?) -> SQLValue { value.map { .bytes($0.bytes) } ?? .null }
    static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
    static func scopes(_ value: ScopeSet) -> SQLValue { .text(value.description) }

    /// A list as space-separated text: no word of the protocol and no registered URI has a space.
    static func words(_ values: some Sequence<String>) -> SQLValue { .text(values.joined(separator: " ")) }

    /// A set in one spelling.
    static func words<Word: RawRepresentable<String>>(_ values: Set<Word>) -> SQLValue {
        words(values.map(\.rawValue).sorted())
    }
}

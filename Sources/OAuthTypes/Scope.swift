/// One scope token: RFC 6749 §3.3, at most 128 characters.
public struct Scope: Sendable, Hashable, CustomStringConvertible {
    /// The text as sent.
    public let rawValue: String

    /// Nil where the text is outside the grammar (printable ASCII but space, `"` and `\`).
    public init?(_ text: String) {
        self.init(text.utf8.span)
    }

    init?(_ bytes: Span<UInt8>) {
        guard (1...128).contains(bytes.count) else { return nil }
        for index in bytes.indices {
            switch bytes[index] {
            case 0x22, 0x5C: return nil
            case 0x21...0x7E: break
            default: return nil
            }
        }
        // ASCII, as the loop has seen.
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        rawValue = String(copying: text)
    }

    init(known text: StaticString) {
        rawValue = text.description
    }

    /// OpenID Connect Core §3.1.2.1: asks for an ID token.
    public static let openid = Scope(known: "openid")
    /// OpenID Connect Core §5.4.
    public static let profile = Scope(known: "profile")
    /// OpenID Connect Core §5.4.
    public static let email = Scope(known: "email")
    /// OpenID Connect Core §5.4.
    public static let address = Scope(known: "address")
    /// OpenID Connect Core §5.4.
    public static let phone = Scope(known: "phone")
    /// OpenID Connect Core §11: refresh tokens that outlive the session.
    public static let offlineAccess = Scope(known: "offline_access")

    /// The text itself.
    public var description: String { rawValue }
}

/// A set of scopes that remembers the order in which they were named: RFC 6749 §3.3 (order and repetition mean nothing).
public struct ScopeSet: Sendable, Hashable, Sequence, ExpressibleByArrayLiteral, CustomStringConvertible {
    private var ordered: [Scope] = []

    /// The longest list that is read; more is refused before any work is done on it.
    public static let limit = 64

    /// The scopes of a list, repeated ones once.
    public init(_ scopes: some Sequence<Scope>) {
        for scope in scopes where !ordered.contains(scope) { ordered.append(scope) }
    }

    /// The scopes of a list.
    public init(arrayLiteral elements: Scope...) {
        self.init(elements)
    }

    /// Reads a space-separated list; nil where a token is outside the grammar or there are more than `limit`.
    public init?(parsing text: String) {
        let bytes = text.utf8.span
        var count = 0
        var start = 0
        while start < bytes.count {
            guard bytes[start] != UInt8(ascii: " ") else {
                start += 1
                continue
            }
            var end = start + 1
            while end < bytes.count, bytes[end] != UInt8(ascii: " ") { end += 1 }
            count += 1
            guard count <= ScopeSet.limit, let scope = Scope(bytes.extracting(start..<end)) else { return nil }
            if !ordered.contains(scope) { ordered.append(scope) }
            start = end
        }
    }

    /// Whether a scope is in the set.
    public func contains(_ scope: Scope) -> Bool { ordered.contains(scope) }
    /// Whether every scope of this set is in the other.
    public func isSubset(of other: ScopeSet) -> Bool { ordered.allSatisfy(other.contains) }
    /// This set's scopes that are also in the other.
    public func intersection(_ other: ScopeSet) -> ScopeSet { ScopeSet(ordered.filter(other.contains)) }
    /// This set's scopes that are not in the other.
    public func subtracting(_ other: ScopeSet) -> ScopeSet { ScopeSet(ordered.filter { !other.contains($0) }) }
    /// This set's scopes, then those of the other that are new.
    public func union(_ other: ScopeSet) -> ScopeSet { ScopeSet(ordered + other.ordered) }
    /// Whether there is none.
    public var isEmpty: Bool { ordered.isEmpty }
    /// How many there are.
    public var count: Int { ordered.count }

    /// The scopes in the order named.
    public func makeIterator() -> IndexingIterator<[Scope]> { ordered.makeIterator() }
    /// The space-separated list.
    public var description: String {
        guard var text = ordered.first?.rawValue else { return "" }
        for scope in ordered.dropFirst() {
            text += " "
            text += scope.rawValue
        }
        return text
    }

    /// Equal sets in any order.
    public static func == (left: ScopeSet, right: ScopeSet) -> Bool {
        left.ordered.count == right.ordered.count && left.isSubset(of: right)
    }

    /// Equal sets hash alike in any order.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(Set(ordered))
    }
}

/// The cookies of a request: RFC 6265 §5.4.
///
/// Every name is there once.
public struct Cookies: Sendable, Hashable {
    private let values: [String: String]

    init(_ values: [String: String]) {
        self.values = values
    }

    /// The value of a cookie, as it came, without surrounding double quotes taken off.
    public subscript(name: String) -> String? { values[name] }

    /// The names, in no order.
    public var names: [String] { Array(values.keys) }
}

/// Why the cookies of a request cannot be trusted.
public enum CookieError: Error, Sendable, Hashable {
    /// Two cookies have this name. One of them may have been planted from a sibling domain or another path, and
    /// nothing in the request tells which: RFC 6265 §8.6.
    case duplicate(String)
}

extension Request {
    /// All cookies.
    ///
    /// Pieces without `=` and with a name that is no token are left out: others set those, not we.
    public func cookies() throws(CookieError) -> Cookies {
        var values: [String: String] = [:]
        for (name, value) in cookiePairs() {
            guard values.updateValue(value, forKey: name) == nil else { throw .duplicate(name) }
        }
        return Cookies(values)
    }

    /// One cookie.
    ///
    /// Only a repetition of this very name is an error, so a stranger's doubled cookie locks nobody out.
    public func cookie(_ name: String) throws(CookieError) -> String? {
        var found: String?
        for pair in cookiePairs() where pair.name == name {
            guard found == nil else { throw .duplicate(name) }
            found = pair.value
        }
        return found
    }

    private func cookiePairs() -> [(name: String, value: String)] {
        headers.values(of: "Cookie").flatMap { line in
            line.utf8.split(separator: UInt8(ascii: ";")).compactMap { piece -> (name: String, value: String)? in
                let pair = Self.trimmed(piece)
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
                let name = Self.trimmed(pair[..<equals])
                guard FieldGrammar.isToken(name) else { return nil }
                return (String(Substring(name)), String(Substring(Self.trimmed(pair[pair.index(after: equals)...]))))
            }
        }
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}

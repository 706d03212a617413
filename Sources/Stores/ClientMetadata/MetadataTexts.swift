public import OAuthTypes

/// A text for people: 1 to 200 characters without control characters.
public struct DisplayText: Sendable, Hashable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// Nil for one that is empty, too long, or would confuse whoever reads it.
    public init?(_ text: String) {
        guard (1...200).contains(text.count), text.utf8.count <= 800,
            !text.unicodeScalars.contains(where: DisplayText.confuses)
        else { return nil }
        rawValue = text
    }

    /// The text.
    public var description: String { rawValue }

    /// Control characters, and those that turn the direction of what follows: `moc.knab` is no bank.
    private static func confuses(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        }
    }
}

/// A text for programs: 1 to 8192 characters of printable ASCII without spaces.
public struct OpaqueText: Sendable, Hashable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// Nil for anything else.
    public init?(_ text: String) {
        guard (1...8192).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        rawValue = text
    }

    /// The text.
    public var description: String { rawValue }
}

/// Where a request object may be: an address whose fragment may tell versions apart (OpenID Connect Core §6.2).
public struct RequestObjectAddress: Sendable, Hashable, CustomStringConvertible {
    /// As registered, fragment included: compared byte by byte.
    public let rawValue: String
    /// What is fetched.
    public let address: WebAddress

    /// Nil where the part before the fragment is no `WebAddress`, or the fragment has other characters than base64url.
    public init?(_ text: String) {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = WebAddress(String(parts[0])) else { return nil }
        if parts.count > 1 {
            guard OpaqueText(String(parts[1])) != nil, !parts[1].contains("#"), text.utf8.count <= 2048 else {
                return nil
            }
        }
        self.address = address
        rawValue = text
    }

    /// The text as registered.
    public var description: String { rawValue }
}

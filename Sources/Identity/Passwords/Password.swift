@_spi(_Unicode) import Swift

/// A password as a person typed it: prints redacted, is compared whole.
///
/// Normalised to NFC, the one fixed form, so that the same characters typed on two keyboards are the same password
/// (NIST SP 800-63B §3.1.1.2); nothing is cut, trimmed or folded.
public struct Password: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The most bytes that are read: a bound on hashing work, far above any passphrase.
    public static let byteLimit = 1024
    /// The fewest characters of a password chosen here, counted as code points.
    public static let minimumLength = 8

    let bytes: [UInt8]
    /// What was typed, before it was normalised: other programs have hashed that.
    package let typed: [UInt8]

    /// Nil where the text is empty or longer than `byteLimit`.
    public init?(_ text: String) {
        guard (1...Password.byteLimit).contains(text.utf8.count) else { return nil }
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: text._nfc)
        bytes = Array(String(composed).utf8)
        typed = Array(text.utf8)
    }

    /// Whether it is long enough to be chosen.
    public var isLongEnough: Bool {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.count >= Password.minimumLength
    }

    /// Never the password.
    public var description: String { "(password)" }
    /// Never the password.
    public var debugDescription: String { description }
    /// Nothing to see.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

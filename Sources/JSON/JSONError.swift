/// Why a text is not acceptable JSON, and where.
///
/// It never carries a piece of the text: it may be logged.
public struct JSONError: Error, Sendable, Equatable {
    /// What was wrong.
    public enum Reason: Sendable, Equatable {
        /// The text ends too early.
        case unexpectedEnd
        /// A byte that the grammar does not allow here.
        case unexpectedByte
        /// A value is followed by more than white space.
        case trailingContent
        /// A byte order mark at the start (RFC 8259 §8.1).
        case byteOrderMark
        /// Not UTF-8 (RFC 7493 §2.1).
        case invalidUTF8
        /// An unescaped control character in a string (RFC 8259 §7).
        case controlCharacter
        /// A backslash with something else behind it than RFC 8259 §7 lists.
        case invalidEscape
        /// Half of a surrogate pair (RFC 7493 §2.1).
        case loneSurrogate
        /// A code point that Unicode reserves for internal use, such as U+FFFF (RFC 7493 §2.1).
        case noncharacter
        /// A number outside the grammar of RFC 8259 §6.
        case invalidNumber
        /// A number too large for a double (RFC 7493 §2.2), or written with more than a thousand characters.
        case numberOutOfRange
        /// The same member name twice in one object (RFC 7493 §2.3).
        case duplicateName
        /// Nested deeper than the limit.
        case tooDeep
        /// Longer than the limit.
        case tooLong
        /// A valid JSON text, yet not the object that was asked for.
        case notAnObject
    }

    /// What was wrong.
    public let reason: Reason
    /// How many bytes of the text precede the spot.
    public let offset: Int

    /// An error at a spot.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

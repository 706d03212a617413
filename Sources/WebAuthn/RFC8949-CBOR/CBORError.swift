/// Why some bytes are no canonical CBOR.
///
/// Carries nothing of the input.
package enum CBORError: Error, Sendable, Equatable {
    /// Longer than the limit.
    case oversize
    /// Ends within an item.
    case unexpectedEnd
    /// More bytes behind the item.
    case trailingBytes
    /// Nested deeper than the limit.
    case tooDeep
    /// A number or a length in more bytes than it needs (RFC 8949 §4.2.1).
    case notShortest
    /// A length that only the end tells (RFC 8949 §3.2), which the canonical form forbids.
    case indefiniteLength
    /// A text that is not UTF-8.
    case invalidUTF8
    /// A key twice in one map.
    case duplicateKey
    /// The keys of a map in another order than that of the canonical form.
    case unsortedKeys
    /// A map key that is neither a whole number nor a text.
    case unsupportedKey
    /// A tag, a floating-point number, `undefined` or a simple value without a meaning.
    case unsupportedItem
    /// Additional information that RFC 8949 §3 reserves.
    case reserved
}

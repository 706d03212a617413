/// One data item of CBOR, as far as passkeys have it: RFC 8949 §3, in the canonical form of CTAP 2.1 §8.
///
/// Left out on purpose: tags, which that form forbids, floating-point numbers and `undefined`, which no structure of
/// WebAuthn has.
package enum CBORValue: Sendable, Equatable {
    /// A whole number from 0 (major type 0).
    case unsigned(UInt64)
    /// A whole number below 0, as its distance from -1 (major type 1): 0 stands for -1.
    case negative(UInt64)
    /// Octets (major type 2).
    case bytes([UInt8])
    /// UTF-8 (major type 3).
    case text(String)
    /// Items in order (major type 4).
    case array([CBORValue])
    /// Pairs with distinct keys (major type 5).
    case map(CBORMap)
    /// `false` and `true` (simple values 20 and 21).
    case bool(Bool)
    /// The simple value 22.
    case null
}

extension CBORValue {
    /// A whole number.
    package init(_ number: Int) {
        self = number < 0 ? .negative(UInt64(-1 - number)) : .unsigned(UInt64(number))
    }

    /// The number, where it is one that fits.
    package var integer: Int? {
        switch self {
        case .unsigned(let value): Int(exactly: value)
        case .negative(let distance): Int(exactly: distance).map { -1 - $0 }
        default: nil
        }
    }

    /// The octets, `nil` for any other kind.
    package var bytes: [UInt8]? {
        if case .bytes(let value) = self { value } else { nil }
    }

    /// The text, `nil` for any other kind.
    package var text: String? {
        if case .text(let value) = self { value } else { nil }
    }

    /// The items, `nil` for any other kind.
    package var array: [CBORValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The pairs, `nil` for any other kind.
    package var map: CBORMap? {
        if case .map(let value) = self { value } else { nil }
    }
}

/// The pairs of a map, in the order of the encoding: RFC 8949 §3.1.
package struct CBORMap: Sendable, Equatable {
    /// A key and what it stands for.
    package struct Entry: Sendable, Equatable {
        /// A whole number or a text.
        package let key: CBORValue
        /// Any value.
        package let value: CBORValue

        /// A pair.
        package init(_ key: CBORValue, _ value: CBORValue) {
            self.key = key
            self.value = value
        }
    }

    /// The pairs.
    package let entries: [Entry]

    /// For the reader, which has made sure of their order, and for encoders, which have it made.
    package init(_ entries: [Entry]) { self.entries = entries }

    /// The value under a whole number.
    package subscript(label: Int) -> CBORValue? { value(CBORValue(label)) }

    /// The value under a text.
    package subscript(name: String) -> CBORValue? { value(.text(name)) }

    private func value(_ key: CBORValue) -> CBORValue? {
        entries.first { $0.key == key }?.value
    }
}

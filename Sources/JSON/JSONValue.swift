/// A JSON text as a value: RFC 8259, in the strict reading of RFC 7493 (I-JSON).
///
/// Two values are equal when they would be written with the same bytes up to the spelling of escapes: strings are
/// compared byte for byte, never by Unicode equivalence, because a claim or a member name that merely looks the same
/// is another one (RFC 8259 §8.3).
public enum JSONValue: Sendable {
    /// The literal `null`.
    case null
    /// The literals `true` and `false`.
    case bool(Bool)
    /// A number without fraction and exponent within ±(2^53 − 1), the range I-JSON calls safe.
    case integer(Int64)
    /// Any other number; always finite.
    case number(Double)
    /// A string of Unicode scalar values.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, members in the order of the text.
    case object(JSONObject)
}

extension JSONValue: Equatable {
    /// Whether two values are the same, strings compared byte for byte.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): sameBytes(left, right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSONValue {
    /// Whether this is `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The truth value, `nil` for any other kind.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer within ±(2^53 − 1), `nil` for any other kind, also for numbers written with a fraction.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// Any number as a double, `nil` for any other kind.
    ///
    /// Exact for `.integer`.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The string, `nil` for any other kind.
    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The elements, `nil` for any other kind.
    public var array: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members, `nil` for any other kind.
    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of that name, `nil` if there is none or if this is no object.
    public subscript(name: String) -> JSONValue? { object?[name] }

    /// The element at that place, `nil` if there is none or if this is no array.
    public subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}

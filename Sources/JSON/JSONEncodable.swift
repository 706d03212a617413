/// What can be written as JSON.
///
/// Types that hold secrets do not conform, so that no response can contain one.
public protocol JSONEncodable: Sendable {
    /// Writes exactly one JSON value.
    func encode(to writer: inout JSONWriter)
}

extension JSONEncodable {
    /// This value as a JSON text.
    ///
    /// `capacity`: bytes to set aside at first.
    @inlinable
    public func jsonBytes(capacity: Int = 256) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        encode(to: &writer)
        return writer.bytes
    }
}

extension String: JSONEncodable {
    /// Writes a JSON string.
    @inlinable
    public func encode(to writer: inout JSONWriter) { writer.string(self) }
}

extension Bool: JSONEncodable {
    /// Writes `true` or `false`.
    @inlinable
    public func encode(to writer: inout JSONWriter) { writer.bool(self) }
}

extension Int: JSONEncodable {
    /// Writes an integer.
    @inlinable
    public func encode(to writer: inout JSONWriter) { writer.integer(Int64(self)) }
}

extension Int64: JSONEncodable {
    /// Writes an integer.
    @inlinable
    public func encode(to writer: inout JSONWriter) { writer.integer(self) }
}

extension Double: JSONEncodable {
    /// Writes a number; `null` in place of infinity and NaN, which JSON lacks.
    @inlinable
    public func encode(to writer: inout JSONWriter) { writer.number(self) }
}

extension Array: JSONEncodable where Element: JSONEncodable {
    /// Writes an array.
    @inlinable
    public func encode(to writer: inout JSONWriter) {
        writer.array { writer in
            for element in self { writer.element(element) }
        }
    }
}

extension JSONValue: JSONEncodable {
    /// Writes the value.
    public func encode(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .integer(let value): writer.integer(value)
        case .number(let value): writer.number(value)
        case .string(let value): writer.string(value)
        case .array(let value): value.encode(to: &writer)
        case .object(let value): value.encode(to: &writer)
        }
    }
}

extension JSONObject: JSONEncodable {
    /// Writes the members in their order.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            for member in self { writer.member(named: member.name, member.value) }
        }
    }
}

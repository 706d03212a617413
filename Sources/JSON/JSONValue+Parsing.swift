extension JSONValue {
    /// Reads one JSON text as I-JSON: RFC 8259, RFC 7493.
    ///
    /// Throws for anything outside the grammar, for a name that comes twice in one object, for strings that are not
    /// Unicode scalar values, and beyond the limits.
    public init(parsing bytes: Span<UInt8>, limits: JSONLimits = .standard) throws(JSONError) {
        var reader = JSONReader(limits: limits)
        self = try reader.readDocument(bytes)
    }

    /// Reads one JSON text as I-JSON.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        try self.init(parsing: bytes.span, limits: limits)
    }

    /// Reads one JSON text as I-JSON.
    public init(parsing text: String, limits: JSONLimits = .standard) throws(JSONError) {
        try self.init(parsing: text.utf8.span, limits: limits)
    }
}

extension JSONObject {
    /// Reads a JSON text that must be an object; throws `notAnObject` for another value.
    public init(parsing bytes: Span<UInt8>, limits: JSONLimits = .standard) throws(JSONError) {
        guard case .object(let object) = try JSONValue(parsing: bytes, limits: limits) else {
            throw JSONError(.notAnObject, at: 0)
        }
        self = object
    }

    /// Reads a JSON text that must be an object; throws `notAnObject` for another value.
    public init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        try self.init(parsing: bytes.span, limits: limits)
    }
}

extension JSONWriter {
    /// Writes a member whose name stands in the source.
    @inlinable
    public mutating func member(_ name: StaticString, _ value: some JSONEncodable) {
        self.name(name)
        value.encode(to: &self)
    }

    /// Writes a member, or nothing at all for `nil`.
    @inlinable
    public mutating func member(_ name: StaticString, _ value: (some JSONEncodable)?) {
        if let value { member(name, value) }
    }

    /// Writes a member whose value is an object.
    @inlinable
    public mutating func object<Failure>(
        _ name: StaticString, _ members: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        self.name(name)
        try object(members)
    }

    /// Writes a member whose value is an array.
    @inlinable
    public mutating func array<Failure>(
        _ name: StaticString, _ elements: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        self.name(name)
        try array(elements)
    }

    /// Writes a member whose value is a string, given as UTF-8.
    @inlinable
    public mutating func member(_ name: StaticString, utf8 value: Span<UInt8>) {
        self.name(name)
        string(utf8: value)
    }

    /// Writes a member whose name comes from data: it is escaped.
    @inlinable
    public mutating func member(named name: String, _ value: some JSONEncodable) {
        separate()
        string(name)
        bytes.append(UInt8(ascii: ":"))
        value.encode(to: &self)
    }

    /// Writes the name of a member, which is plain ASCII without quotes and backslashes; its value must come next.
    @inlinable
    public mutating func name(_ name: StaticString) {
        assert(name.hasPointerRepresentation && name.isPlain, "use member(named:) for such names")
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }
}

extension StaticString {
    /// Whether the text needs no escape in JSON.
    ///
    /// Looked at in debug builds only.
    @usableFromInline
    var isPlain: Bool {
        withUTF8Buffer { $0.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != ASCII.quote && $0 != ASCII.backslash } }
    }
}

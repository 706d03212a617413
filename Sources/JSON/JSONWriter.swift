/// Writes JSON texts (RFC 8259) into a byte buffer, without intermediate values and without allocating per member.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object {
///     $0.member("access_token", token)
///     $0.member("expires_in", 900)
///     $0.member("scope", scope)           // left out when nil
/// }
/// ```
/// Commas follow from the last byte written: only an opening bracket needs none after it. So there is no state beside
/// the buffer, and a writer may continue a buffer that holds other text, such as the head of a response.
public struct JSONWriter: Sendable {
    /// What has been written.
    public var bytes: [UInt8]

    /// A writer with an empty buffer.
    ///
    /// `capacity`: bytes to set aside at first.
    @inlinable
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// A writer that goes on where the buffer ends.
    @inlinable
    public init(appendingTo bytes: consuming [UInt8]) { self.bytes = bytes }

    /// Writes an object; the closure writes its members.
    @inlinable
    public mutating func object<Failure>(_ members: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        bytes.append(UInt8(ascii: "{"))
        try members(&self)
        bytes.append(UInt8(ascii: "}"))
    }

    /// Writes an array; the closure writes its elements.
    @inlinable
    public mutating func array<Failure>(_ elements: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        bytes.append(UInt8(ascii: "["))
        try elements(&self)
        bytes.append(UInt8(ascii: "]"))
    }

    /// Writes an element of an array.
    @inlinable
    public mutating func element(_ value: some JSONEncodable) {
        separate()
        value.encode(to: &self)
    }

    /// Writes an element that is an object; the closure writes its members.
    @inlinable
    public mutating func element<Failure>(
        object members: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        try object(members)
    }

    /// A comma, but right after an opening bracket.
    @inlinable
    mutating func separate() {
        switch bytes.last {
        case UInt8(ascii: "{"), UInt8(ascii: "["), nil: break
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}

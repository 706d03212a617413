/// Header fields in their order, with case-insensitive names: RFC 9110 §5.
///
/// All fields live in one byte array in wire form and are found by offsets, so a request of twenty fields costs two
/// allocations and an answer is written by copying one block. Strings are made only when somebody asks for a value.
///
/// A name that is no token or a value with CR, LF, NUL or another control byte is never stored: the collection is
/// marked instead, and the server sends 500 rather than an answer with a field missing. So an answer cannot be split.
public struct Headers: Sendable {
    struct Field: Sendable {
        var nameStart: UInt32
        var nameCount: UInt32
        var valueStart: UInt32
        var valueCount: UInt32

        var name: Range<Int> { Int(nameStart)..<Int(nameStart) + Int(nameCount) }
        var value: Range<Int> { Int(valueStart)..<Int(valueStart) + Int(valueCount) }
    }

    /// The fields in wire form; for those made by `add`, exactly `name: value CRLF` one after the other.
    var bytes: [UInt8]
    var fields: [Field]
    /// True when a field was refused: the message must not be sent.
    public private(set) var hasRefusedField = false
    /// True when a field that belongs to the server (framing, date) was added; the writer leaves it out.
    private(set) var hasServerField = false

    /// No fields.
    public init() {
        bytes = []
        fields = []
    }

    /// What the parser read.
    ///
    /// The offsets must lie inside `bytes`.
    init(parsed bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    /// The number of fields.
    public var count: Int { fields.count }

    /// The value of the first field of that name.
    ///
    /// Setting replaces all of that name; `nil` removes them.
    public subscript(name: String) -> String? {
        get {
            guard let index = index(of: name) else { return nil }
            return text(fields[index].value)
        }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    /// The values of all fields of that name, in order.
    public func values(of name: String) -> [String] {
        fields.compactMap { matches($0, name) ? text($0.value) : nil }
    }

    /// The number of fields of that name.
    public func count(of name: String) -> Int {
        fields.count { matches($0, name) }
    }

    /// The bytes of the field of that name, if there is exactly one.
    func onlyValue(of name: String) -> ArraySlice<UInt8>? {
        guard let index = index(of: name), !fields[(index + 1)...].contains(where: { matches($0, name) }) else {
            return nil
        }
        return bytes[fields[index].value]
    }

    /// Adds a field after the others, whether or not the name is there already.
    public mutating func add(_ name: String, _ value: String) {
        guard FieldGrammar.isToken(name.utf8), FieldGrammar.isFieldValue(value.utf8) else {
            hasRefusedField = true
            return
        }
        if bytes.isEmpty { bytes.reserveCapacity(256) }
        let nameStart = bytes.count
        bytes.append(contentsOf: name.utf8)
        let nameCount = bytes.count - nameStart
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        let valueStart = bytes.count
        bytes.append(contentsOf: value.utf8)
        let valueCount = bytes.count - valueStart
        bytes.append(13)
        bytes.append(10)
        fields.append(
            Field(
                nameStart: UInt32(truncatingIfNeeded: nameStart),
                nameCount: UInt32(truncatingIfNeeded: nameCount),
                valueStart: UInt32(truncatingIfNeeded: valueStart),
                valueCount: UInt32(truncatingIfNeeded: valueCount)
            )
        )
        if FieldGrammar.isServerField(name) { hasServerField = true }
    }

    /// Replaces all fields of that name by one.
    public mutating func set(_ name: String, _ value: String) {
        remove(name)
        add(name, value)
    }

    /// Removes all fields of that name.
    public mutating func remove(_ name: String) {
        removeAll { $0.utf8.elementsEqual(name.utf8, by: FieldGrammar.equalIgnoringCase) }
    }

    /// Marks the collection as unfit to be sent.
    mutating func refuse() {
        hasRefusedField = true
    }

    /// A copy without the fields that the server writes itself.
    func withoutServerFields() -> Headers {
        var copy = self
        copy.removeAll { FieldGrammar.isServerField($0) }
        copy.hasServerField = false
        return copy
    }

    private mutating func removeAll(where unwanted: (String) -> Bool) {
        guard contains(where: { unwanted($0.name) }) else { return }
        var kept = Headers()
        kept.hasRefusedField = hasRefusedField
        for field in self where !unwanted(field.name) { kept.add(field.name, field.value) }
        self = kept
    }

    private func index(of name: String) -> Int? {
        fields.firstIndex { matches($0, name) }
    }

    private func matches(_ field: Field, _ name: String) -> Bool {
        guard Int(field.nameCount) == name.utf8.count else { return false }
        return bytes[field.name].elementsEqual(name.utf8, by: FieldGrammar.equalIgnoringCase)
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}

extension Headers: Sequence {
    /// Iterates over the fields in order.
    public func makeIterator() -> AnyIterator<(name: String, value: String)> {
        var rest = fields.makeIterator()
        return AnyIterator { rest.next().map { (text($0.name), text($0.value)) } }
    }
}

extension Headers: ExpressibleByDictionaryLiteral {
    /// Fields in the order written; a name may be repeated.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { add(name, value) }
    }
}

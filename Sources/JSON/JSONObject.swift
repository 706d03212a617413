/// The members of a JSON object, in order, each name once: RFC 8259 §4, RFC 7493 §2.3.
///
/// A plain array: the objects of OAuth have a dozen members, where walking beats hashing.
public struct JSONObject: Sendable {
    /// A name and its value.
    public struct Member: Sendable, Equatable {
        /// The name, without escapes.
        public let name: String
        /// The value.
        public let value: JSONValue

        let mark: NameMark

        /// A member.
        init(name: String, _ mark: NameMark, value: JSONValue) {
            self.name = name
            self.value = value
            self.mark = mark
        }

        /// Whether the name is this one, byte for byte.
        func isNamed(_ name: String, _ mark: NameMark) -> Bool {
            self.mark == mark && (mark.isWhole || sameBytes(self.name, name))
        }

        /// Whether name (byte for byte) and value are the same.
        public static func == (left: Self, right: Self) -> Bool {
            sameBytes(left.name, right.name) && left.value == right.value
        }
    }

    private(set) var members: [Member] = []

    /// An object without members.
    public init() {}

    /// For the reader, which has made sure that no name comes twice.
    init(distinct members: [Member]) { self.members = members }

    /// The value of the member with exactly this name.
    ///
    /// Setting replaces in place or appends; `nil` removes.
    public subscript(name: String) -> JSONValue? {
        get {
            guard !members.isEmpty else { return nil }
            // By the place, so that only the member that is found is copied.
            let mark = NameMark(name)
            for place in members.indices where members[place].isNamed(name, mark) { return members[place].value }
            return nil
        }
        set {
            let mark = NameMark(name)
            let place = members.firstIndex { $0.isNamed(name, mark) }
            switch (place, newValue) {
            case (let place?, let value?): members[place] = Member(name: name, mark, value: value)
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(name: name, mark, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: Equatable {
    /// Whether both have the same members; their order does not count (RFC 8259 §4).
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        // In order first: linear for the usual case of equal order.
        if left.members == right.members { return true }
        return left.allSatisfy { right[$0.name] == $0.value }
    }
}

extension JSONObject: RandomAccessCollection {
    /// Place of the first member.
    public var startIndex: Int { members.startIndex }

    /// Place after the last member.
    public var endIndex: Int { members.endIndex }

    /// The member at a place.
    public subscript(position: Int) -> Member { members[position] }
}

/// Whether two strings have the same UTF-8 bytes.
///
/// `==` would also take canonically equivalent ones, so that for instance U+212A KELVIN SIGN passes for a `K`.
package func sameBytes(_ left: String, _ right: String) -> Bool {
    // Most names differ in length, which is known without looking at the text.
    guard left.utf8.count == right.utf8.count else { return false }
    let left = left.utf8.span, right = right.utf8.span
    for index in left.indices where left[index] != right[index] { return false }
    return true
}

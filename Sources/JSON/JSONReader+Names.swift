/// Tells whether a member name is new: RFC 7493 §2.3.
///
/// A handful of names is compared one by one; beyond that a set takes over, or an object with thousands of members
/// would cost quadratic time and be a way to keep a core busy.
struct DistinctNames {
    private var seen: Set<NameBytes> = []
    private static let small = 16

    /// `false` if the name is among the members already.
    mutating func insert(_ name: String, after members: [JSONObject.Member]) -> Bool {
        if members.count < Self.small {
            return !members.contains { sameBytes($0.name, name) }
        }
        if seen.isEmpty { seen = Set(members.map { NameBytes(name: $0.name) }) }
        return seen.insert(NameBytes(name: name)).inserted
    }
}

/// A name that hashes and compares by its bytes.
private struct NameBytes: Hashable {
    let name: String

    static func == (left: Self, right: Self) -> Bool { sameBytes(left.name, right.name) }

    func hash(into hasher: inout Hasher) {
        let bytes = name.utf8.span
        bytes.withUnsafeBufferPointer { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

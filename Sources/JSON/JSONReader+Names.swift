/// Tells whether a member name is new: RFC 7493 §2.3.
///
/// A handful of names is compared one by one; beyond that a set takes over, or an object with thousands of members
/// would cost quadratic time and be a way to keep a core busy.
struct DistinctNames {
    private var seen: Set<NameBytes> = []
    private static let small = 16

    /// `false` if the name is among the members already.
    mutating func insert(_ name: String, _ mark: NameMark, after members: [JSONObject.Member]) -> Bool {
        if members.count < Self.small {
            return !members.contains { $0.isNamed(name, mark) }
        }
        if seen.isEmpty { seen = Set(members.map { NameBytes(name: $0.name) }) }
        return seen.insert(NameBytes(name: name)).inserted
    }
}

/// The length of a name and its first seven bytes: enough to tell most names apart without looking at them.
struct NameMark: Equatable {
    private let bits: UInt64

    init(_ name: String) {
        self =
            name.utf8.withContiguousStorageIfAvailable { NameMark($0) }
            ?? Array(name.utf8).withUnsafeBufferPointer { NameMark($0) }
    }

    private init(_ name: UnsafeBufferPointer<UInt8>) {
        var bits: UInt64 = 0
        for index in 0..<min(name.count, 7) { bits = bits &<< 8 | UInt64(name[index]) }
        self.bits = UInt64(min(name.count, 255)) << 56 | bits
    }

    /// Whether the name has no more to it, so that no other has this mark.
    var isWhole: Bool { bits >> 56 <= 7 }
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

/// The key above all keys: 32 bytes that the operator keeps outside of the database.
///
/// It never seals anything by itself. Every purpose gets a key of its own derived from it (RFC 5869), so that what was
/// sealed for one purpose cannot be passed off for another.
public struct MasterKey: Sendable {
    /// Names a master key without telling anything about it, so that sealed values say which one opens them.
    public struct ID: Sendable, Hashable, CustomStringConvertible {
        /// Four bytes.
        public let bytes: [UInt8]

        /// Eight hexadecimal digits.
        public var description: String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    /// The length of a master key in bytes.
    public static let count = 32

    /// The name of this key.
    public let id: ID

    /// The keys before this one: what they sealed is still opened, and nothing more is sealed with them.
    public let predecessors: [MasterKey]

    private let secret: Secret

    /// A key from 32 bytes; `nil` for another number of bytes.
    public init?(_ secret: Secret) {
        guard secret.count == Self.count else { return nil }
        self.secret = secret
        predecessors = []
        var hash = SHA256()
        hash.update(Array("martlet master key id".utf8))
        secret.withBytes { hash.update($0) }
        id = ID(bytes: Array(hash.finalize().bytes.prefix(4)))
    }

    private init(_ key: MasterKey, predecessors: [MasterKey]) {
        (id, secret) = (key.id, key.secret)
        self.predecessors = predecessors
    }

    /// The same key, which also opens what others sealed before it; their own predecessors are not taken over.
    public func following(_ predecessors: [MasterKey]) -> MasterKey {
        MasterKey(self, predecessors: predecessors.map { MasterKey($0, predecessors: []) })
    }

    /// Every key that opens: this one, then its predecessors.
    public var all: [MasterKey] { [self] + predecessors }

    /// A key of a purpose, 32 bytes: for message authentication, or below `seal`.
    public func subkey(purpose: StaticString) -> Secret {
        derive("martlet subkey v1 ", purpose)
    }

    /// The sealing key of a purpose, another one than its subkey.
    func sealingKey(purpose: StaticString) -> Secret {
        derive("martlet seal v1 ", purpose)
    }

    private func derive(_ label: String, _ purpose: StaticString) -> Secret {
        let info = Array(label.utf8) + purpose.withUTF8Buffer { Array($0) }
        return HKDF.derive(from: secret, salt: [], info: info)
    }
}

extension MasterKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name, never the key.
    public var description: String { "MasterKey(\(id))" }

    /// The name, never the key.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

internal import JSON

/// A signing key as it is stored: the key itself, or where in a device it is.
public enum StoredSigningKey: Sendable {
    /// The private part is here.
    case inProcess(SigningKey)
    /// The private part stays in a device.
    case inDevice(DeviceKey)

    /// The key that verifies what this one signs.
    public var publicKey: PublicKey {
        switch self {
        case .inProcess(let key): key.publicKey
        case .inDevice(let key): key.publicKey
        }
    }

    /// The algorithm of the key.
    public var algorithm: SignatureAlgorithm {
        switch self {
        case .inProcess(let key): key.algorithm
        case .inDevice(let key): key.algorithm
        }
    }

    /// The `kid`.
    public var keyID: String { publicKey.keyID }

    /// Where the private part is; nil if it is here.
    public var device: DeviceKey? {
        if case .inDevice(let key) = self { key } else { nil }
    }
}

extension StoredSigningKey {
    /// Stands in front of a key in a device, where the name of the algorithm stands in front of others.
    private static let mark = Array("device:".utf8)

    /// The key, sealed for storage.
    public func sealed(by masterKey: MasterKey) throws(JOSEError) -> [UInt8] {
        switch self {
        case .inProcess(let key): try key.sealed(by: masterKey)
        case .inDevice(let key):
            try masterKey.seal(
                Self.mark + key.jsonBytes(capacity: 512), purpose: SigningKey.purpose, boundTo: [])
        }
    }

    /// Opens a key that `sealed` made, under the name that it is stored by.
    ///
    /// An imported key may be known by a name of its own.
    public init(opening sealed: [UInt8], with masterKey: MasterKey, named name: String? = nil) throws(JOSEError) {
        let plain = try masterKey.open(sealed, purpose: SigningKey.purpose, boundTo: [])
        self = try plain.withBytes { plain throws(JOSEError) in
            let bytes = plain.withUnsafeBufferPointer { Array($0.prefix(Self.mark.count)) }
            guard bytes == Self.mark else {
                let key = try SigningKey(opened: plain)
                guard let name, name != key.keyID else { return .inProcess(key) }
                return .inProcess(try key.named(name))
            }
            let key = try DeviceKey(
                reading: plain.extracting(Self.mark.count...).withUnsafeBufferPointer { Array($0) })
            // Its name is part of it; a record with another one is not ours.
            guard name == nil || name == key.keyID else { throw .invalidKey }
            return .inDevice(key)
        }
    }
}

/// A key that verifies signatures, with the one algorithm it is good for.
public struct PublicKey: Sendable {
    /// What the key is made of; one case per key type.
    enum Material: Sendable {
        case p256(P256PublicKey)
    }

    let material: Material

    /// The `kid`: the one its owner gave it, or else its thumbprint (RFC 7638).
    public let keyID: String

    /// The algorithm of the key; a token that names another one is refused.
    public var algorithm: SignatureAlgorithm {
        switch material {
        case .p256: .es256
        }
    }

    /// Without a name, the thumbprint becomes the `kid`.
    init(_ material: Material, keyID: String? = nil) {
        self.material = material
        self.keyID = keyID ?? material.thumbprint
    }

    /// The SHA-256 thumbprint in base64url: RFC 7638.
    public var thumbprint: String { material.thumbprint }

    /// Whether the signature, in the form that JWS uses, signs the message.
    ///
    /// Throws `libraryFailure` only.
    public func isValid(_ signature: Span<UInt8>, over message: Span<UInt8>) throws(JOSEError) -> Bool {
        switch material {
        case .p256(let key): try key.isValid(signature, over: message)
        }
    }
}

extension PublicKey: Hashable {
    /// Whether both are the same key under the same name.
    public static func == (left: Self, right: Self) -> Bool {
        left.keyID.utf8.elementsEqual(right.keyID.utf8) && left.thumbprint == right.thumbprint
    }

    /// Feeds the key to a hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(thumbprint) }
}

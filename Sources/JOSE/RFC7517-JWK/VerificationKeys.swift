/// Where a verifier finds the key of a token.
public protocol VerificationKeys: Sendable {
    /// The key of that `kid`; without one, the only key there is, if so.
    ///
    /// The `kid` comes from an unverified header: it is a name to look up, and never a path or a piece of a query.
    func publicKey(withID keyID: String?) -> PublicKey?
}

extension PublicKey: VerificationKeys {
    /// This key, unless the token names another one.
    public func publicKey(withID keyID: String?) -> PublicKey? {
        guard let keyID else { return self }
        return keyID.utf8.elementsEqual(self.keyID.utf8) ? self : nil
    }
}

/// A closure as a source of keys.
public struct KeyLookup: VerificationKeys {
    private let find: @Sendable (String?) -> PublicKey?

    /// Asks the closure for the key of a `kid`, or of a token without one.
    public init(_ find: @escaping @Sendable (String?) -> PublicKey?) { self.find = find }

    /// What the closure finds.
    public func publicKey(withID keyID: String?) -> PublicKey? { find(keyID) }
}

/// Where a recipient finds the key of a token.
public protocol DecryptionKeys: Sendable {
    /// The key of that `kid`; without one, the only key that is good for the algorithm, if so.
    ///
    /// The `kid` comes from a header that anybody can write: it is a name to look up, and never a path or a piece of a
    /// query. Several keys are not tried one by one: a token costs one decryption.
    func decryptionKey(withID keyID: String?, for algorithm: KeyManagementAlgorithm) -> DecryptionKey?
}

extension DecryptionKey: DecryptionKeys {
    /// This key, unless the token names another one.
    public func decryptionKey(withID keyID: String?, for algorithm: KeyManagementAlgorithm) -> DecryptionKey? {
        guard let keyID else { return self }
        return keyID.utf8.elementsEqual(self.keyID.utf8) ? self : nil
    }
}

extension [DecryptionKey]: DecryptionKeys {
    /// The key of that `kid`; without one, the only key for the algorithm.
    public func decryptionKey(withID keyID: String?, for algorithm: KeyManagementAlgorithm) -> DecryptionKey? {
        if let keyID { return first { $0.keyID.utf8.elementsEqual(keyID.utf8) } }
        let able = filter { $0.publicKey.allows(algorithm) }
        return able.count == 1 ? able.first : nil
    }
}

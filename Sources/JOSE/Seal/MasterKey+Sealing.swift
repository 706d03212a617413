// A sealed value: version (1 byte) | id of the master key (4) | nonce (12) | ciphertext | tag (16)
extension MasterKey {
    private static let version: UInt8 = 1
    private static let headCount = 5
    private static let overhead = headCount + AESGCM.nonceCount + AESGCM.tagCount

    /// Encrypts bytes so that only `open` with the same purpose and the same `aad` gives them back.
    ///
    /// `aad` is what the value belongs to, such as the key of its row: sealed values cannot change places. A purpose
    /// may seal some 2^32 values under one master key, the bound for random nonces (NIST SP 800-38D §8.3).
    public func seal(_ plaintext: Span<UInt8>, purpose: StaticString, boundTo aad: [UInt8]) throws(JOSEError) -> [UInt8]
    {
        var sealed = [Self.version] + id.bytes
        let nonce = SystemRandom().bytes(AESGCM.nonceCount)
        let (ciphertext, tag) = try AESGCM.encrypt(
            plaintext, under: sealingKey(purpose: purpose), nonce: nonce, authenticating: sealed + aad)
        sealed.reserveCapacity(plaintext.count + Self.overhead)
        sealed += nonce
        sealed += ciphertext
        sealed += tag
        return sealed
    }

    /// Encrypts bytes so that only `open` with the same purpose and the same `aad` gives them back.
    public func seal(_ plaintext: [UInt8], purpose: StaticString, boundTo aad: [UInt8]) throws(JOSEError) -> [UInt8] {
        try seal(plaintext.span, purpose: purpose, boundTo: aad)
    }

    /// Gives back what `seal` was given.
    ///
    /// Throws `wrongMasterKey` for a value of another master key, and `unsealable` for everything else that does not
    /// fit, without telling what.
    public func open(_ sealed: [UInt8], purpose: StaticString, boundTo aad: [UInt8]) throws(JOSEError) -> Secret {
        guard let owner = Self.id(ofSealed: sealed) else { throw .unsealable }
        guard owner == id else { throw .wrongMasterKey(owner) }
        let bytes = sealed.span
        let nonceEnd = Self.headCount + AESGCM.nonceCount
        let tagStart = sealed.count - AESGCM.tagCount
        let head = Array(sealed.prefix(Self.headCount))
        let plaintext = try AESGCM.decrypt(
            bytes.extracting(nonceEnd..<tagStart), tag: bytes.extracting(tagStart...),
            under: sealingKey(purpose: purpose), nonce: Array(sealed[Self.headCount..<nonceEnd]),
            authenticating: head + aad)
        guard let plaintext else { throw .unsealable }
        return plaintext
    }

    /// Which master key a value is sealed with, `nil` if it is no sealed value.
    public static func id(ofSealed sealed: [UInt8]) -> ID? {
        guard sealed.count >= overhead, sealed[0] == version else { return nil }
        return ID(bytes: Array(sealed[1..<headCount]))
    }
}

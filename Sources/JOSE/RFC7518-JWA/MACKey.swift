internal import COpenSSL
public import JSON

/// A secret that two parties share to authenticate with HMAC, as in `client_secret_jwt`: RFC 7518 §3.2.
///
/// It stands in no key set and has no JSON form. Only a secret makes one, never the bytes of a public key: those have
/// types of their own, which do not give themselves up for this.
public struct MACKey: Sendable {
    /// The one algorithm of the key.
    public let algorithm: MACAlgorithm
    /// The `kid`, if the two parties gave it one.
    public let keyID: String?
    private let secret: Secret

    /// The longest secret, in bytes; more than a block of the hash function adds no strength.
    private static let longest = 1024

    /// A key for one algorithm; throws `weakKey` for a secret shorter than its digest (§3.2).
    public init(_ secret: Secret, for algorithm: MACAlgorithm, keyID: String? = nil) throws(JOSEError) {
        guard secret.count >= algorithm.shortestSecret else { throw .weakKey }
        guard secret.count <= Self.longest else { throw .invalidKey }
        self.secret = secret
        self.algorithm = algorithm
        self.keyID = keyID
    }

    /// Reads a symmetric JWK (RFC 7518 §6.4) that names its algorithm.
    ///
    /// Throws `unsupportedKey` for another type, use or algorithm, `weakKey` or `invalidKey` for no good key.
    public init(jwk: JSONObject) throws(JOSEError) {
        guard try jwk.text("kty") == "oct" else { throw .unsupportedKey }
        try KeyPurpose.verifying.check(jwk)
        guard let algorithm = try jwk.text("alg").flatMap(MACAlgorithm.init) else { throw .unsupportedKey }
        guard let bytes = try jwk.text("k").flatMap({ Base64URL.decode($0) }) else { throw .invalidKey }
        try self.init(Secret(bytes), for: algorithm, keyID: jwk.text("kid"))
    }

    /// The code of a message.
    func authenticate(_ message: Span<UInt8>) throws(JOSEError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: algorithm.hash.size)
        var count: UInt32 = 0
        let isDone = secret.withBytes { key in
            key.withUnsafeBufferPointer { key in
                message.withUnsafeBufferPointer { message in
                    HMAC(
                        algorithm.hash.function, key.baseAddress, Int32(key.count), message.baseAddress,
                        message.count, &code, &count) != nil
                }
            }
        }
        guard isDone, Int(count) == code.count else { throw OpenSSLErrors.clear(.libraryFailure) }
        return code
    }

    /// Whether this is the code of the message, compared in constant time.
    func isValid(_ code: Span<UInt8>, over message: Span<UInt8>) throws(JOSEError) -> Bool {
        let expected = try authenticate(message)
        return constantTimeEquals(expected.span, code)
    }
}

extension MACKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The algorithm, never the key.
    public var description: String { "MACKey(\(algorithm.rawValue))" }

    /// The algorithm, never the key.
    public var debugDescription: String { description }

    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

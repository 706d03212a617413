import JSON
import Testing

@testable import JOSE

/// The key and the token of RFC 7515 appendix A.3.
enum Example {
    static let jwk: JSONObject = [
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ]

    static let token =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        + "cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

    /// The key with members changed.
    static func jwk(_ change: JSONObject) -> JSONObject {
        var jwk = jwk
        for member in change { jwk[member.name] = member.value }
        return jwk
    }

    /// A key of each algorithm; those of RSA, which take long to make, are made once.
    static func key(for algorithm: SignatureAlgorithm) throws -> SigningKey {
        switch algorithm.scheme {
        case .ecdsa, .edDSA: try SigningKey.generate(algorithm)
        case .pkcs1, .pss: try SigningKey(pkcs8: rsa.get(), algorithm: algorithm)
        }
    }

    private static let rsa: Result<[UInt8], any Error> = Result {
        try PrivateMaterial.generate(.bits2048).key.pkcs8().withBytes { bytes in
            bytes.withUnsafeBufferPointer { [UInt8]($0) }
        }
    }

    /// A token with any header over any payload, signed rightly: what an attacker with a key of his own could send.
    static func token(header: String, payload: String, key: SigningKey) throws(JOSEError) -> String {
        let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        let signature = Base64URL.encode(try key.sign(input.utf8.span))
        return input + "." + signature
    }
}

// Spans cannot pass through the macros of the tests.
extension ECDSASignature {
    static func der(fromFixed signature: [UInt8], on curve: EllipticCurve = .p256) -> [UInt8]? {
        der(fromFixed: signature.span, on: curve)
    }

    static func fixed(fromDER bytes: [UInt8], on curve: EllipticCurve = .p256) -> [UInt8]? {
        fixed(fromDER: bytes.span, on: curve)
    }
}

extension SigningKey {
    init(pkcs8: [UInt8], algorithm: SignatureAlgorithm? = nil) throws(JOSEError) {
        try self.init(pkcs8: pkcs8.span, algorithm: algorithm)
    }

    func sign(_ message: [UInt8]) throws(JOSEError) -> [UInt8] { try sign(message.span) }
}

extension MACKey {
    func authenticate(_ message: [UInt8]) throws(JOSEError) -> [UInt8] { try authenticate(message.span) }

    func isValid(_ code: [UInt8], over message: [UInt8]) throws(JOSEError) -> Bool {
        try isValid(code.span, over: message.span)
    }
}

extension PublicKey {
    /// With the one algorithm that the key has.
    func isValid(_ signature: [UInt8], over message: [UInt8]) throws -> Bool {
        try isValid(signature.span, over: message.span, by: #require(algorithm))
    }
}

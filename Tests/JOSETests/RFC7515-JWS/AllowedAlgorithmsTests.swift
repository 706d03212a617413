import JSON
import Testing

@testable import JOSE

@Suite("RFC 8725 §3.1 algorithms")
struct AllowedAlgorithmsTests {
    /// A token that says `name` and is signed with the key's own algorithm.
    private func token(_ name: String, _ key: SigningKey) throws -> CompactJWS {
        try CompactJWS(parsing: Example.token(header: #"{"alg":"\#(name)"}"#, payload: "{}", key: key))
    }

    private func verify(
        _ token: CompactJWS, _ key: PublicKey, _ allowed: AllowedAlgorithms
    ) throws(JOSEError) -> VerifiedJWS {
        try token.verified(with: key, allowing: allowed, expecting: .absentOr(.jwt))
    }

    /// Every algorithm with every name a header could have: only its own goes.
    @Test(arguments: SignatureAlgorithm.allCases)
    func aKeyVerifiesItsOwnAlgorithmAlone(_ algorithm: SignatureAlgorithm) throws {
        let key = try Example.key(for: algorithm)
        let names =
            SignatureAlgorithm.allCases.map(\.rawValue) + MACAlgorithm.allCases.map(\.rawValue) + [
                "none", "None", "", "es256", "RS1", "ES256K", "Ed448", "RSA-OAEP", "A128KW", "dir",
            ]
        for name in names {
            let token = try token(name, key)
            for allowed in [AllowedAlgorithms.assigned, .oneOf(SignatureAlgorithm.allCases)] {
                if name == algorithm.rawValue {
                    #expect(throws: Never.self) { try verify(token, key.publicKey, allowed) }
                } else {
                    #expect(throws: JOSEError.wrongAlgorithm, "\(name)") { try verify(token, key.publicKey, allowed) }
                }
            }
        }
        let own = try token(algorithm.rawValue, key)
        let others = SignatureAlgorithm.allCases.filter { $0 != algorithm }
        #expect(throws: JOSEError.wrongAlgorithm) { try verify(own, key.publicKey, .oneOf(others)) }
        #expect(throws: JOSEError.wrongAlgorithm) { try verify(own, key.publicKey, .oneOf([])) }
        #expect(throws: Never.self) { try verify(own, key.publicKey, .oneOf([algorithm])) }
    }

    /// RFC 9864 §2.2 calls the same algorithm by the name of the curve.
    @Test func ed25519HasTwoNames() throws {
        let key = try Example.key(for: .edDSA)
        #expect(throws: Never.self) { try verify(token("Ed25519", key), key.publicKey, .assigned) }
        #expect(throws: Never.self) { try verify(token("EdDSA", key), key.publicKey, .oneOf([.edDSA])) }
        #expect(throws: JOSEError.wrongAlgorithm) { try verify(token("Ed25519", key), key.publicKey, .oneOf([.es256])) }
        let jwk = try JSONObject(parsing: key.publicKey.jsonBytes())
        #expect(jwk["alg"] == "EdDSA")
        #expect(try PublicKey(jwk: jwk.with("alg", "Ed25519")).algorithm == .edDSA)
        #expect(throws: JOSEError.unsupportedKey) { try PublicKey(jwk: jwk.with("alg", "Ed448")) }
    }

    /// Of an RSA key that names no algorithm, list and header decide together; alone, neither does.
    @Test func anRSAKeyWithoutAlgorithmServesWhatIsAllowed() throws {
        let key = try Example.key(for: .ps256)
        var jwk = try JSONObject(parsing: key.publicKey.jsonBytes())
        jwk["alg"] = nil
        let open = try PublicKey(jwk: jwk)
        #expect(open.algorithm == nil && open.serves(.rs512) && !open.serves(.es256))
        let signed = try token("PS256", key)
        #expect(throws: Never.self) { try verify(signed, open, .oneOf([.rs256, .ps256])) }
        #expect(throws: JOSEError.wrongAlgorithm) { try verify(signed, open, .assigned) }
        #expect(throws: JOSEError.wrongAlgorithm) { try verify(signed, open, .oneOf([.rs256])) }
        // Both allowed, and a header that says the other: it is not what was signed.
        #expect(throws: JOSEError.invalidSignature) {
            try verify(token("RS256", key), open, .oneOf([.rs256, .ps256]))
        }
        let written = try JSONObject(parsing: open.jsonBytes())
        #expect(written["alg"] == nil)
    }

    /// An attacker knows the public key in every form, and signs with it as a secret.
    @Test(arguments: [SignatureAlgorithm.es256, .rs256, .edDSA])
    func publicKeysAreNoSecrets(_ algorithm: SignatureAlgorithm) throws {
        let key = try Example.key(for: algorithm).publicKey
        let jwk = try JSONObject(parsing: key.jsonBytes())
        let forms: [[UInt8]] = [
            key.jsonBytes(), Array(key.thumbprint.utf8), Array((jwk["n"] ?? jwk["x"])?.string?.utf8 ?? "".utf8),
        ]
        for name in MACAlgorithm.allCases {
            for form in forms {
                let secret = try MACKey(Secret(form + [UInt8](repeating: 0, count: 64)), for: name)
                let input =
                    Base64URL.encode(Array(#"{"alg":"\#(name.rawValue)"}"#.utf8)) + "."
                    + Base64URL.encode(Array("{}".utf8))
                let code = try secret.authenticate(Array(input.utf8))
                let token = try CompactJWS(parsing: input + "." + Base64URL.encode(code))
                #expect(throws: JOSEError.wrongAlgorithm) {
                    try verify(token, key, .oneOf(SignatureAlgorithm.allCases))
                }
                #expect(throws: Never.self) { try token.verified(with: secret, expecting: .absentOr(.jwt)) }
            }
        }
    }

    @Test func aTokenOfAForeignClientIsVerifiedWithWhatItRegistered() throws {
        let key = try Example.key(for: .rs256)
        let token = try JWTSigner(key: key, type: .jwt).sign(["iss": "client", "exp": 2000] as JSONValue)
        func expectation(_ algorithms: AllowedAlgorithms) -> JWTExpectation {
            JWTExpectation(
                type: .absentOr(.jwt), algorithms: algorithms, issuer: .exactly("client"), audience: .anyone, now: 1000,
                leeway: 0)
        }
        #expect(throws: Never.self) {
            try VerifiedJWT(token, signedBy: key.publicKey, as: expectation(.oneOf([.rs256])))
        }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try VerifiedJWT(token, signedBy: key.publicKey, as: expectation(.oneOf([.ps256])))
        }
        let unverified = try UnverifiedJWT(parsing: token)
        #expect(throws: Never.self) { try unverified.verified(with: key.publicKey, as: expectation(.assigned)) }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try unverified.verified(with: key.publicKey, as: expectation(.oneOf([.es256])))
        }
    }
}

import JSON
import Testing

@testable import JOSE

@Suite("RFC 7517 §4.2 use and §4.3 operations")
struct KeyPurposeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let change: JSONObject
        let verifies: JOSEError?
        let encrypts: JOSEError?

        var testDescription: String { String(decoding: change.jsonBytes(), as: UTF8.self) }
    }

    @Test(arguments: [
        Case(change: [:], verifies: nil, encrypts: nil),
        Case(change: ["use": "sig"], verifies: nil, encrypts: .unsupportedKey),
        Case(change: ["use": "enc"], verifies: .unsupportedKey, encrypts: nil),
        Case(change: ["use": "tls"], verifies: .unsupportedKey, encrypts: .unsupportedKey),
        Case(change: ["use": 1], verifies: .invalidKey, encrypts: .invalidKey),
        Case(change: ["key_ops": ["verify"]], verifies: nil, encrypts: .unsupportedKey),
        Case(change: ["key_ops": ["deriveKey"]], verifies: .unsupportedKey, encrypts: nil),
        Case(change: ["key_ops": ["wrapKey", "encrypt"]], verifies: .unsupportedKey, encrypts: nil),
        Case(change: ["key_ops": ["sign"]], verifies: .unsupportedKey, encrypts: .unsupportedKey),
        Case(change: ["key_ops": []], verifies: .unsupportedKey, encrypts: .unsupportedKey),
        Case(change: ["key_ops": ["else"]], verifies: .unsupportedKey, encrypts: .unsupportedKey),
        Case(change: ["key_ops": ["verify", "else"], "use": "sig"], verifies: nil, encrypts: .unsupportedKey),
        Case(change: ["key_ops": ["verify", "verify"]], verifies: .invalidKey, encrypts: .invalidKey),
        Case(change: ["key_ops": ["verify", "encrypt"]], verifies: .invalidKey, encrypts: .invalidKey),
        Case(change: ["key_ops": ["verify"], "use": "enc"], verifies: .invalidKey, encrypts: .invalidKey),
        Case(change: ["key_ops": ["deriveKey"], "use": "sig"], verifies: .invalidKey, encrypts: .invalidKey),
        Case(change: ["key_ops": "verify"], verifies: .invalidKey, encrypts: .invalidKey),
        Case(change: ["key_ops": [1]], verifies: .invalidKey, encrypts: .invalidKey),
        Case(change: ["alg": "ES256"], verifies: nil, encrypts: .unsupportedKey),
        Case(change: ["alg": "ECDH-ES"], verifies: .unsupportedKey, encrypts: nil),
        Case(change: ["alg": "HS256"], verifies: .unsupportedKey, encrypts: .unsupportedKey),
    ])
    func aPublicKeyServesWhatItsOwnerMeant(_ attempt: Case) {
        let jwk = Example.jwk(attempt.change)
        func error(_ read: () throws(JOSEError) -> Void) -> JOSEError? {
            do { try read() } catch { return error }
            return nil
        }
        #expect(error { () throws(JOSEError) in _ = try PublicKey(jwk: jwk) } == attempt.verifies)
        #expect(error { () throws(JOSEError) in _ = try EncryptionKey(jwk: jwk) } == attempt.encrypts)
    }

    @Test func aPrivateKeyHasOnePurpose() throws {
        let jwk = Example.jwk(["d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"])
        for (change, signs, decrypts) in [
            (["use": "sig"], true, false), (["use": "enc"], false, true),
            (["key_ops": ["sign", "verify"]], true, false),
            (["key_ops": ["deriveKey"]], false, true), (["key_ops": ["sign", "deriveKey"]], false, false),
            (["alg": "ES256"], true, false), (["alg": "ECDH-ES+A128KW"], false, true),
        ] as [(JSONObject, Bool, Bool)] {
            var changed = jwk
            for member in change { changed[member.name] = member.value }
            #expect(((try? SigningKey(privateJWK: changed)) != nil) == signs, "\(change)")
            #expect(((try? DecryptionKey(privateJWK: changed)) != nil) == decrypts, "\(change)")
        }
    }

    @Test func kindsHaveLimits() throws {
        let ed25519 = try JSONObject(parsing: SigningKey.generate(.edDSA).publicKey.jsonBytes())
        var plain = ed25519
        plain["use"] = nil
        plain["alg"] = nil
        #expect(throws: JOSEError.unsupportedKey) { try EncryptionKey(jwk: plain) }
        #expect(throws: Never.self) { try PublicKey(jwk: plain) }
        var x25519 = try JSONObject(parsing: DecryptionKey.generate(.x25519).publicKey.jsonBytes())
        x25519["use"] = nil
        #expect(throws: JOSEError.unsupportedKey) { try PublicKey(jwk: x25519) }
        #expect(throws: Never.self) { try EncryptionKey(jwk: x25519) }
    }

    /// Sealed under other purposes: what is stored as one never opens as the other.
    @Test func aSealedSigningKeyIsNoDecryptionKey() throws {
        let masterKey = try MasterKey(fileContents: SHA256.digest(of: "one").bytes)
        let signing = try SigningKey.generate(.es256).sealed(by: masterKey)
        let decryption = try DecryptionKey.generate(.p256)
        let sealed = try decryption.sealed(by: masterKey)
        #expect(throws: JOSEError.unsealable) { try DecryptionKey(opening: signing, algorithm: nil, with: masterKey) }
        #expect(throws: JOSEError.unsealable) { try SigningKey(opening: sealed, with: masterKey) }
        let opened = try DecryptionKey(opening: sealed, algorithm: nil, with: masterKey)
        #expect(opened.publicKey == decryption.publicKey)
        #expect(throws: JOSEError.unsealable) {
            try DecryptionKey(opening: sealed, algorithm: "ECDH-ES", with: masterKey)
        }
    }

    @Test func aSetKeepsTheTwoApart() throws {
        let signing = try SigningKey.generate().publicKey
        let decryption = try DecryptionKey.generate(.x25519, algorithm: "ECDH-ES").publicKey
        let set = try JWKSet([signing], encryptionKeys: [decryption])
        let read = try JWKSet(JSONObject(parsing: set.jsonBytes()))
        #expect(read.keys == [signing] && read.encryptionKeys == [decryption])
        #expect(read.publicKey(withID: decryption.keyID) == nil && read.publicKey(withID: nil) == signing)
        let bare = try JWKSet(["keys": [.object(Example.jwk)]])
        #expect(bare.keys.count == 1 && bare.encryptionKeys.count == 1 && !bare.encryptionKeys[0].isDeclared)
    }
}

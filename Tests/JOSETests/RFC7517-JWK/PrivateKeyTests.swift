import JSON
import Testing

@testable import JOSE

@Suite("RFC 7517 private keys")
struct PrivateKeyTests {
    static let d: JSONValue = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"

    private func signs(_ key: SigningKey) throws -> Bool {
        let message = Array("message".utf8)
        return try key.publicKey.isValid(key.sign(message), over: message)
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func aSealedKeyOpensAsTheSameKey(_ algorithm: SignatureAlgorithm) throws {
        let masterKey = try MasterKey(fileContents: SHA256.digest(of: "one").bytes)
        let other = try MasterKey(fileContents: SHA256.digest(of: "two").bytes)
        let key = try Example.key(for: algorithm)
        let sealed = try key.sealed(by: masterKey)
        let opened = try SigningKey(opening: sealed, with: masterKey)
        #expect(opened.publicKey == key.publicKey && opened.algorithm == algorithm)
        #expect(try signs(opened))
        #expect(throws: JOSEError.wrongMasterKey(masterKey.id)) { try SigningKey(opening: sealed, with: other) }
        for plain in [[], Array((algorithm.rawValue + ":").utf8), Array((algorithm.rawValue + ":0").utf8)] {
            let sealed = try masterKey.seal(plain, purpose: "signing key", boundTo: [])
            #expect(throws: JOSEError.invalidKey) { try SigningKey(opening: sealed, with: masterKey) }
        }
    }

    @Test func keepsTheNameOfAnImportedKey() throws {
        let key = try SigningKey(privateJWK: Example.jwk(["d": Self.d, "kid": "2019"]))
        #expect(try key.keyID == "2019" && signs(key) && key.algorithm == .es256)
        #expect(try SigningKey(privateJWK: Example.jwk(["d": Self.d])).keyID == key.publicKey.thumbprint)
        let named = try SigningKey.generate(.edDSA).named("mine")
        let token = try CompactJWS(parsing: JWTSigner(key: named, type: nil).sign([:] as JSONValue))
        #expect(token.header.keyID == "mine" && named.publicKey.keyID == "mine")
        #expect(throws: Never.self) { try token.verified(with: named.publicKey, expecting: .absentOr(.jwt)) }
    }

    @Test func printsNoSecret() throws {
        let jwk = Example.jwk(["d": Self.d])
        let signing = try SigningKey(privateJWK: jwk), decryption = try DecryptionKey(privateJWK: jwk)
        let secret = try MACKey(Secret([UInt8](repeating: 65, count: 32)), for: .hs256)
        let texts = [
            "\(signing)", "\(decryption)", "\(secret)", String(reflecting: signing), String(reflecting: decryption),
            String(reflecting: secret),
        ]
        #expect(texts[0] == "SigningKey(ES256, \(signing.keyID))" && texts[2] == "MACKey(HS256)")
        for value in [signing, decryption, secret] as [Any] { #expect(Mirror(reflecting: value).children.isEmpty) }
        for text in texts { #expect(!text.contains("jpsQ") && !text.contains("AAAA") && !text.contains("65, 65")) }
    }

    @Test func aPublicJWKHoldsNoPrivateMember() throws {
        for algorithm in SignatureAlgorithm.allCases {
            let written = try JSONObject(parsing: Example.key(for: algorithm).publicKey.jsonBytes())
            let names = Set(written.map(\.name))
            #expect(names.isSubset(of: ["kty", "crv", "x", "y", "n", "e", "kid", "use", "alg"]), "\(names)")
            #expect(throws: Never.self) { try PublicKey(jwk: written) }
        }
    }

    static let badECKeys: [(JSONObject, JOSEError)] = [
        (["d": .null], JOSEError.invalidKey),
        (["d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LM"], .invalidKey),  // of another point
        (["d": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"], .invalidKey),
        (["d": "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"], .invalidKey),  // the order
        (["d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9A"], .invalidKey),
        (["d": "AI6bEJ5xkJi_mASH3x9dd-nLKWBuvtImO19XwhPfhPSy"], .invalidKey),
        (["d": 1], .invalidKey),
        (["y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"], .invalidKey),
        (["alg": "ES384"], .unsupportedKey),
        (["alg": "RS256"], .unsupportedKey),
        (["alg": "HS256"], .unsupportedKey),
        (["crv": "P-384"], .invalidKey),
        (["kty": "oct"], .unsupportedKey),
    ]

    @Test(arguments: badECKeys)
    func refusesAnECKey(_ change: JSONObject, _ error: JOSEError) throws {
        var jwk = Example.jwk(["d": Self.d])
        for member in change { jwk[member.name] = member.value.isNull ? nil : member.value }
        #expect(throws: error) { try SigningKey(privateJWK: jwk) }
        #expect(OpenSSLErrors.isEmpty)
        #expect(throws: Never.self) { try SigningKey(privateJWK: Example.jwk(["d": Self.d]), algorithm: .es256) }
    }
}

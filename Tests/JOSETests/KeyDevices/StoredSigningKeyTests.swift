import JSON
import Testing

@testable import JOSE

@Suite("Signing keys as they are stored")
struct StoredSigningKeyTests {
    let masterKey: MasterKey
    let other: MasterKey

    init() throws {
        masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        other = try #require(MasterKey(Secret([UInt8](repeating: 8, count: 32))))
    }

    private func deviceKey(named name: String? = nil) throws -> DeviceKey {
        var key = try SigningKey.generate(.ps256)
        if let name { key = try key.named(name) }
        return try DeviceKey(KeyURI("pkcs11:token=martlet;object=signing"), publicKey: key.publicKey)
    }

    @Test(arguments: [nil, "a name"] as [String?])
    func aKeyOfADeviceComesBackWithItsNameAndAlgorithm(_ name: String?) throws {
        let key = try deviceKey(named: name)
        let sealed = try StoredSigningKey.inDevice(key).sealed(by: masterKey)
        let opened = try StoredSigningKey(opening: sealed, with: masterKey, named: key.keyID)
        #expect(opened.device?.uri == key.uri && opened.keyID == key.keyID && opened.algorithm == .ps256)
        #expect(opened.publicKey == key.publicKey)
        #expect(throws: JOSEError.wrongMasterKey(masterKey.id)) { try StoredSigningKey(opening: sealed, with: other) }
        // A row that bears another name is not the one that was sealed.
        #expect(throws: JOSEError.invalidKey) {
            try StoredSigningKey(opening: sealed, with: masterKey, named: "another")
        }
    }

    @Test func aKeyOfThisProcessComesBackUnderTheNameOfItsRow() throws {
        for algorithm in [SignatureAlgorithm.es256, .edDSA] {
            let key = try SigningKey.generate(algorithm)
            let sealed = try StoredSigningKey.inProcess(key).sealed(by: masterKey)
            let opened = try StoredSigningKey(opening: sealed, with: masterKey, named: "elsewhere")
            #expect(opened.device == nil && opened.keyID == "elsewhere" && opened.algorithm == algorithm)
            #expect(try StoredSigningKey(opening: sealed, with: masterKey).keyID == key.keyID)
            // What it signs is verified by its public part.
            guard case .inProcess(let signer) = opened else { throw JOSEError.invalidKey }
            let signature = try signer.sign([1, 2, 3].span)
            #expect(try opened.publicKey.isValid(signature.span, over: [1, 2, 3].span, by: algorithm))
        }
    }

    /// What programs that know no devices make of such a row: an error like any other.
    @Test func isNoKeyForWhoKnowsNoDevices() throws {
        let sealed = try StoredSigningKey.inDevice(deviceKey()).sealed(by: masterKey)
        #expect(throws: JOSEError.invalidKey) { try SigningKey(opening: sealed, with: masterKey) }
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"uri":"pkcs11:object=a"}"#, #"{"uri":"file:/a","jwk":{}}"#, #"{"uri":1,"jwk":{}}"#,
        #"{"uri":"pkcs11:object=a","jwk":{"kty":"EC"}}"#,
    ])
    func refusesWhatIsNoKeyOfADevice(_ text: String) throws {
        let sealed = try masterKey.seal(Array("device:\(text)".utf8), purpose: SigningKey.purpose, boundTo: [])
        #expect(throws: JOSEError.self) { try StoredSigningKey(opening: sealed, with: masterKey) }
    }

    /// An RSA key that serves several algorithms would leave it to chance.
    @Test func takesNoPublicKeyWithoutAnAlgorithm() throws {
        let key = try SigningKey.generate(.rs256)
        var jwk = try JSONObject(parsing: key.publicKey.jsonBytes())
        let uri = try KeyURI("handle:0x81000001")
        #expect(try DeviceKey(uri, publicKey: PublicKey(jwk: jwk)).algorithm == .rs256)
        jwk["alg"] = nil
        let open = try PublicKey(jwk: jwk)
        #expect(throws: JOSEError.unsupportedKey) { try DeviceKey(uri, publicKey: open) }
    }
}

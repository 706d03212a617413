import JSON
import Testing

@testable import JOSE

@Suite("Private keys of other programs")
struct PrivateKeyFileTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        var algorithm = SignatureAlgorithm.es256
        var isEncrypted = false
    }

    static let good = [
        Good(testDescription: "PEM with PKCS#8", bytes: KeyFiles.ec),
        Good(testDescription: "PEM with SEC 1", bytes: KeyFiles.ecSEC1),
        Good(testDescription: "PEM behind a certificate", bytes: KeyFiles.certificate + [10] + KeyFiles.ec + [10]),
        Good(testDescription: "PKCS#8", bytes: KeyFiles.ecDER),
        Good(testDescription: "encrypted PEM", bytes: KeyFiles.ecEncrypted, isEncrypted: true),
        Good(testDescription: "encrypted PKCS#8", bytes: KeyFiles.ecEncryptedDER, isEncrypted: true),
        Good(testDescription: "PKCS#12", bytes: KeyFiles.pkcs12, isEncrypted: true),
        Good(testDescription: "Ed25519", bytes: KeyFiles.ed25519, algorithm: .edDSA),
        Good(testDescription: "RSA", bytes: KeyFiles.rsa, algorithm: .rs256),
    ]

    private let password = Secret("letmein")

    @Test(arguments: good)
    func everyFormGivesAKeyThatSigns(_ file: Good) throws {
        let key = try PrivateKeyFile.read(file.bytes, password: file.isEncrypted ? password : nil)
        #expect(key.algorithm == file.algorithm)
        let message = Array("message".utf8)
        let jws = try key.sign(message.span)
        #expect(try key.publicKey.isValid(jws.span, over: message.span, by: file.algorithm))
        if file.algorithm == .es256 {
            #expect(try key.keyID == PrivateKeyFile.read(KeyFiles.ec).keyID)
        }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test(arguments: good.filter(\.isEncrypted))
    func theRightPasswordOpensAndNoOtherOne(_ file: Good) throws {
        #expect(throws: PrivateKeyFile.Refusal.passwordNeeded) { try PrivateKeyFile.read(file.bytes) }
        for wrong in ["", "letmeout", "letmein ", String(repeating: "x", count: 5000)] {
            #expect(throws: PrivateKeyFile.Refusal.wrongPassword) {
                try PrivateKeyFile.read(file.bytes, password: Secret(wrong))
            }
        }
        _ = try PrivateKeyFile.read(file.bytes, password: password)
        #expect(OpenSSLErrors.isEmpty)
    }

    static let refusals: [(name: String, bytes: [UInt8], reason: PrivateKeyFile.Refusal)] = [
        ("nothing", [], .unknownForm),
        ("text", Array("hello".utf8), .unknownForm),
        ("zeros", [UInt8](repeating: 0, count: 300), .unknownForm),
        ("a public key", KeyFiles.ecPublic, .noPrivateKey),
        ("a certificate", KeyFiles.certificate, .noPrivateKey),
        ("PKCS#12 without a key", KeyFiles.certificatePKCS12, .noPrivateKey),
        ("PKCS#12 in RC2", KeyFiles.oldPKCS12, .oldEncryption),
        ("a short RSA key", KeyFiles.shortRSA, .weak),
        ("X25519", KeyFiles.x25519, .unsupported),
        ("secp256k1", KeyFiles.otherCurve, .unsupported),
        ("no JSON", Array("{".utf8), .unknownForm),
        ("JSON of another kind", Array("{}".utf8), .unknownForm),
        ("a public JWK", Array(#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#.utf8), .noPrivateKey),
        ("a bad JWK", Array(#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}"#.utf8), .invalid),
        ("an empty set", Array(#"{"keys":[]}"#.utf8), .notOneKey),
    ]

    @Test(arguments: refusals)
    func whatIsNoKeyForUsSaysWhy(name: String, bytes: [UInt8], reason: PrivateKeyFile.Refusal) throws {
        #expect(throws: reason) { try PrivateKeyFile.read(bytes, password: password) }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func anRSAKeySignsWithWhatIsAskedFor() throws {
        #expect(try PrivateKeyFile.read(KeyFiles.rsa, algorithm: .ps256).algorithm == .ps256)
        #expect(throws: PrivateKeyFile.Refusal.unsupported) { try PrivateKeyFile.read(KeyFiles.rsa, algorithm: .es256) }
        #expect(throws: PrivateKeyFile.Refusal.unsupported) { try PrivateKeyFile.read(KeyFiles.ec, algorithm: .rs256) }
    }

    /// RFC 7517 appendix A.2, without the RSA key.
    private static let jwk = #"""
        {"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        "use":"sig","kid":"my key"}
        """#

    @Test func aJWKKeepsItsNameAndASetMayHoldOne() throws {
        let key = try PrivateKeyFile.read(Array(Self.jwk.utf8))
        #expect(key.keyID == "my key" && key.algorithm == .es256)
        let set = try PrivateKeyFile.read(Array(#"{"keys":[\#(Self.jwk)]}"#.utf8))
        #expect(set.publicKey == key.publicKey)
        #expect(throws: PrivateKeyFile.Refusal.notOneKey) {
            try PrivateKeyFile.read(Array(#"{"keys":[\#(Self.jwk),\#(Self.jwk)]}"#.utf8))
        }
    }

    @Test func everyCutAndEveryFlippedByteIsSurvived() throws {
        for file in Self.good where file.algorithm == .es256 {
            for end in stride(from: 0, to: file.bytes.count, by: 7) {
                _ = try? PrivateKeyFile.read(Array(file.bytes[..<end]), password: nil)
            }
            for place in stride(from: 0, to: file.bytes.count, by: 5) {
                var changed = file.bytes
                changed[place] ^= 0x55
                _ = try? PrivateKeyFile.read(changed, password: nil)
            }
        }
        _ = try PrivateKeyFile.read(KeyFiles.ec)
    }
}

import JOSE
import MartletTesting
import Testing

@testable import WebAuthn

@Suite("RFC 9052 keys of COSE")
struct COSEKeyTests {
    @Test(.spec("WebAuthn §5.8.5"), arguments: WebAuthnAlgorithm.allCases)
    func verifiesWhatItsAuthenticatorSigns(_ algorithm: WebAuthnAlgorithm) throws {
        let authenticator = try SoftAuthenticator(algorithm)
        let key = try COSEKey(decoding: authenticator.publicKey())
        #expect(key.algorithm == algorithm)
        let signature = try authenticator.sign([1, 2, 3])
        #expect(try key.isValid(signature, over: [1, 2, 3]))
        #expect(try !key.isValid(signature, over: [1, 2, 4]))
        #expect(try !key.isValid([], over: [1, 2, 3]))
    }

    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let algorithm: WebAuthnAlgorithm
        let label: Int
        /// `nil` takes the member away.
        let value: CBORValue?
        let error: WebAuthnError

        init(
            _ testDescription: String, _ algorithm: WebAuthnAlgorithm, _ label: Int, _ value: CBORValue?,
            _ error: WebAuthnError = .malformedPublicKey
        ) {
            self.testDescription = testDescription
            self.algorithm = algorithm
            self.label = label
            self.value = value
            self.error = error
        }
    }

    static let zeros = CBORValue.bytes([UInt8](repeating: 0, count: 32))

    @Test(
        .spec("WebAuthn §6.5.1", "RFC 9053 §7", "Y-06"),
        arguments: [
            Change("another type of key", .es256, 1, CBORValue(1)),
            Change("no type", .es256, 1, nil),
            Change("no algorithm", .es256, 3, nil),
            Change("the algorithm as a text", .es256, 3, .text("ES256")),
            Change("ES384", .es256, 3, CBORValue(-35), .unsupportedAlgorithm),
            Change("the algorithm of another type", .es256, 3, CBORValue(-8)),
            Change("P-384", .es256, -1, CBORValue(2)),
            Change("secp256k1", .es256, -1, CBORValue(8)),
            Change("a compressed point", .es256, -3, .bool(true)),
            Change("no y", .es256, -3, nil),
            Change("a point beside the curve", .es256, -3, zeros),
            Change("half a coordinate", .es256, -2, .bytes([1, 2, 3])),
            Change("a key ID", .es256, 2, .bytes([1])),
            Change("a private number", .es256, -4, zeros),
            Change("X25519", .edDSA, -1, CBORValue(4)),
            Change("Ed448", .edDSA, -1, CBORValue(7)),
            Change("a point of small order", .edDSA, -2, zeros),
            Change("a member of other keys", .edDSA, -3, zeros),
            Change("an even modulus", .rs256, -1, .bytes([UInt8](repeating: 0x80, count: 256))),
            Change("a zero in front of the modulus", .rs256, -1, .bytes([0] + [UInt8](repeating: 0xFF, count: 256))),
            Change("a short modulus", .rs256, -1, .bytes([UInt8](repeating: 0xFF, count: 128)), .weakPublicKey),
            Change("the exponent 3", .rs256, -2, .bytes([3]), .weakPublicKey),
            Change("no exponent", .rs256, -2, nil),
        ])
    func refusesAnythingButTheMembersOfItsAlgorithm(_ change: Change) throws {
        let encoded = try SoftAuthenticator(change.algorithm).publicKey()
        let map = try #require(try CBORReader.read(encoded).map)
        var entries = map.entries.filter { $0.key != CBORValue(change.label) }
        if let value = change.value { entries.append(.init(CBORValue(change.label), value)) }
        let changed = CBORValue.map(CBORMap(entries)).encoded
        #expect(throws: change.error) { try COSEKey(decoding: changed) }
        #expect(throws: Never.self) { try COSEKey(decoding: encoded) }
    }

    @Test func refusesMoreOrLessThanOneKey() throws {
        let encoded = try SoftAuthenticator().publicKey()
        #expect(throws: Never.self) { try COSEKey(decoding: encoded) }
        #expect(throws: WebAuthnError.malformedPublicKey) { try COSEKey(decoding: encoded + [0]) }
        #expect(throws: WebAuthnError.malformedPublicKey) { try COSEKey(decoding: encoded.dropLast()) }
        #expect(throws: WebAuthnError.malformedPublicKey) { try COSEKey(decoding: [0x80]) }
    }

    struct Signature: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let hex: String
    }

    /// r and s with high bits, one byte short, and as small as can be.
    @Test(
        .spec("RFC 3279 §2.2.3", "Y-09"),
        arguments: [
            ("3006 020101 020102", [1], [2]), ("3007 02020080 020101", [0x80], [1]),
            ("3007 02020100 02017f", [1, 0], [0x7F]),
        ])
    func readsASignatureOfTwoNumbers(_ hex: String, _ r: [UInt8], _ s: [UInt8]) throws {
        let fixed = try #require(ECDSASignatureValue.fixed(fromDER: bytes(hex: hex)))
        #expect(fixed.count == 64)
        #expect(Array(fixed[..<32].drop { $0 == 0 }) == r)
        #expect(Array(fixed[32...].drop { $0 == 0 }) == s)
    }

    @Test(
        .spec("RFC 3279 §2.2.3", "Y-09"),
        arguments: [
            Signature(testDescription: "bytes behind it", hex: "3006 020101 020102 00"),
            Signature(testDescription: "bytes behind s", hex: "3007 020101 020102 00"),
            Signature(testDescription: "a third number", hex: "3009 020101 020102 020103"),
            Signature(testDescription: "one number", hex: "3003 020101"),
            Signature(testDescription: "a length in two bytes", hex: "308106 020101 020102"),
            Signature(testDescription: "a length up to the end", hex: "3080 020101 020102 0000"),
            Signature(testDescription: "a zero in front", hex: "3007 02020001 020102"),
            Signature(testDescription: "a negative number", hex: "3006 020181 020102"),
            Signature(testDescription: "zero", hex: "3006 020100 020102"),
            Signature(testDescription: "an empty number", hex: "3005 0200 020102"),
            Signature(
                testDescription: "a number too long", hex: "3026 022101" + String(repeating: "00", count: 32) + "020102"
            ),
            Signature(testDescription: "a set", hex: "3106 020101 020102"),
            Signature(testDescription: "octets", hex: "3006 040101 020102"),
            Signature(testDescription: "nothing", hex: ""),
            Signature(testDescription: "less than it says", hex: "3007 020101 020102"),
        ])
    func refusesAnyOtherSpellingOfASignature(_ signature: Signature) {
        #expect(ECDSASignatureValue.fixed(fromDER: bytes(hex: signature.hex)) == nil)
        #expect(ECDSASignatureValue.fixed(fromDER: bytes(hex: "3006 020101 020102")) != nil)
    }
}

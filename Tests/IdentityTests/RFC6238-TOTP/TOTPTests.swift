import JOSE
import MartletTesting
import OAuthTypes
import Testing

@testable import Identity

@Suite("RFC 6238 one-time passwords", .spec("O-01", "O-02"))
struct TOTPTests {
    /// The key of both appendices.
    private static let totp = TOTP(secret: Secret("12345678901234567890"))

    struct Vector: Sendable {
        let seconds: Int64
        /// Eight digits; ours are the last six.
        let code: String
    }

    @Test(
        .spec("RFC 6238 appendix B"),
        arguments: [
            Vector(seconds: 59, code: "94287082"), Vector(seconds: 1_111_111_109, code: "07081804"),
            Vector(seconds: 1_111_111_111, code: "14050471"), Vector(seconds: 1_234_567_890, code: "89005924"),
            Vector(seconds: 2_000_000_000, code: "69279037"), Vector(seconds: 20_000_000_000, code: "65353130"),
        ])
    func matchTheVectorsForSHA1(_ vector: Vector) throws {
        let step = TOTP.step(at: Timestamp(seconds: vector.seconds))
        let number = try Self.totp.number(at: step) % 100_000_000
        #expect(number == UInt32(vector.code))
        #expect(try Self.totp.code(at: step) == String(vector.code.suffix(6)))
    }

    @Test(
        .spec("RFC 4226 appendix D"),
        arguments: zip(
            Int64(0)...9,
            [
                (1_284_755_224, "755224"), (1_094_287_082, "287082"), (137_359_152, "359152"),
                (1_726_969_429, "969429"), (1_640_338_314, "338314"), (868_254_676, "254676"),
                (1_918_287_922, "287922"), (82_162_583, "162583"), (673_399_871, "399871"), (645_520_489, "520489"),
            ] as [(UInt32, String)]))
    func matchTheVectorsOfHOTP(_ counter: Int64, _ expected: (number: UInt32, code: String)) throws {
        #expect(try Self.totp.number(at: counter) == expected.number)
        #expect(try Self.totp.code(at: counter) == expected.code)
    }

    @Test(.spec("RFC 6238 §5.2"))
    func areGoodOneStepEachWay() throws {
        let now = Timestamp(seconds: 1_111_111_111)
        let step = TOTP.step(at: now)
        for drift in Int64(-3)...3 {
            let found = try Self.totp.step(of: try Self.totp.code(at: step + drift), at: now)
            #expect(found == (abs(drift) <= 1 ? step + drift : nil), "\(drift)")
        }
        #expect(try Self.totp.step(of: "", at: now) == nil)
    }

    @Test func areTypedWithBlanksOrAHyphen() {
        for text in ["123456", " 123 456 ", "123-456", "123\u{A0}456"] { #expect(TOTP.typed(text) == "123456") }
        for text in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", String(repeating: " ", count: 40) + "123456"] {
            #expect(TOTP.typed(text) == nil)
        }
    }

    @Test(
        .spec("RFC 4648 §10"),
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ])
    func secretsAreWrittenInBase32(_ text: String, _ expected: String) {
        #expect(Base32.encode(text.utf8) == expected)
    }

    @Test func appsLearnIssuerAndAccount() throws {
        let key = AuthenticatorKey(
            secret: Secret("12345678901234567890"), issuer: "id.example:8443", account: "zoë+a@example.org")
        #expect(
            key.uri == "otpauth://totp/id.example%3A8443:zo%C3%AB%2Ba%40example.org"
                + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=id.example%3A8443&algorithm=SHA1&digits=6&period=30")
        #expect(key.groups == ["GEZD", "GNBV", "GY3T", "QOJQ", "GEZD", "GNBV", "GY3T", "QOJQ"])
    }

    @Test func theLinkIsDrawnAsAQRCode() throws {
        let key = AuthenticatorKey(
            secret: Secret("12345678901234567890"), issuer: "id.example", account: "zoe@example.org")
        let code = try key.qrCode()
        let width = code.rows.count
        #expect(width >= 21 && (width - 21) % 4 == 0)
        #expect(code.rows.allSatisfy { $0.count == width })
        // The finder pattern in three corners, and not in the fourth: ISO/IEC 18004 §6.3.3.
        func isFinder(_ row: Int, _ column: Int) -> Bool {
            (0..<7).allSatisfy { y in
                (0..<7).allSatisfy { x in
                    let ring = max(abs(x - 3), abs(y - 3))
                    return code.rows[row + y][column + x] == (ring != 2)
                }
            }
        }
        #expect(isFinder(0, 0) && isFinder(0, width - 7) && isFinder(width - 7, 0))
        #expect(!isFinder(width - 7, width - 7))
        #expect(try QRCode("a") != QRCode("b"))
        #expect(throws: QRCode.Failure.self) { try QRCode("") }
        #expect(throws: QRCode.Failure.self) { try QRCode(String(repeating: "a", count: 1001)) }
        _ = try QRCode(String(repeating: "a", count: 1000))
    }
}

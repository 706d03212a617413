import JOSE

/// A secret on its way to an authenticator app: shown until a code proves that it has arrived.
public struct AuthenticatorKey: Sendable {
    private let secret: Secret
    private let issuer: String
    private let account: String

    /// Bytes of a secret: RFC 4226 §4 R6 advises 160 bits.
    static let byteCount = 20

    init(secret: Secret, issuer: String, account: String) {
        self.secret = secret
        self.issuer = issuer
        self.account = account
    }

    /// The secret as apps take it by hand: base 32 in groups of four.
    public var groups: [String] {
        let text = Array(base32)
        return stride(from: 0, to: text.count, by: 4).map { String(text[$0..<min($0 + 4, text.count)]) }
    }

    /// The `otpauth` URI that apps read from a QR code; issuer and account are the name that they show.
    public var uri: String {
        let name = AuthenticatorKey.encoded(issuer) + ":" + AuthenticatorKey.encoded(account)
        return "otpauth://totp/\(name)?secret=\(base32)&issuer=\(AuthenticatorKey.encoded(issuer))"
            + "&algorithm=SHA1&digits=\(TOTP.digits)&period=\(TOTP.period)"
    }

    /// The URI as a picture.
    public func qrCode() throws(QRCode.Failure) -> QRCode { try QRCode(uri) }

    private var base32: String { secret.withBytes { bytes in Base32.encode(bytes.indices.map { bytes[$0] }) } }

    /// RFC 3986 §2.3: what is not unreserved is percent-encoded, the colon in a name included.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

public import JOSE
public import OAuthTypes

/// Codes from a shared secret and the time: RFC 6238, in the one form that every authenticator app knows, HMAC-SHA-1,
/// 30 seconds and six digits.
public struct TOTP: Sendable {
    /// Seconds of a time step: RFC 6238 §4.1.
    public static let period: Int64 = 30
    /// Digits of a code.
    public static let digits = 6
    /// Steps by which the app's clock may be off, each way: RFC 6238 §5.2.
    static let drift: Int64 = 1

    private let secret: Secret

    /// Codes of a secret.
    public init(secret: Secret) {
        self.secret = secret
    }

    /// The time step of a moment.
    public static func step(at moment: Timestamp) -> Int64 {
        let (quotient, remainder) = moment.seconds.quotientAndRemainder(dividingBy: period)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The number of a step, before it is cut to digits: RFC 4226 §5.3, dynamic truncation.
    func number(at step: Int64) throws(JOSEError) -> UInt32 {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * Int64($0))) }
        let code = try HMACSHA1.authenticate(counter, key: secret)
        let offset = Int(code[19] & 0xF)
        return code[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
    }

    /// The code of a step.
    public func code(at step: Int64) throws(JOSEError) -> String {
        let text = String(try number(at: step) % 1_000_000)
        return String(repeating: "0", count: TOTP.digits - text.utf8.count) + text
    }

    /// The step that a code belongs to, one step of drift each way; nil where it belongs to none.
    ///
    /// Every step is computed and compared in constant time. Whether the step was spent is for the store to say.
    public func step(of code: String, at moment: Timestamp) throws(JOSEError) -> Int64? {
        let now = TOTP.step(at: moment)
        var found: Int64?
        for step in now - TOTP.drift...now + TOTP.drift where constantTimeEquals(try self.code(at: step), code) {
            found = step
        }
        return found
    }

    /// A code as a person types it: with blanks or a hyphen in the middle; nil unless six digits are left.
    public static func typed(_ text: String) -> String? {
        guard text.utf8.count <= 32 else { return nil }
        let code = String(text.filter { !$0.isWhitespace && $0 != "-" })
        let isDigits = code.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return code.utf8.count == digits && isDigits ? code : nil
    }
}

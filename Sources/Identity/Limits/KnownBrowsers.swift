public import JOSE
import OAuthTypes

/// Recognizes browsers in which an account was signed in to before, by a mark that they keep in a cookie.
///
/// Guesses made elsewhere then do not lock its owner out: such a browser has limits of its own (the device cookies of
/// the OWASP page "Slow Down Online Guessing Attacks with Device Cookies"). Nothing is stored: a mark is a random number and,
/// for each account, a code that only we can make.
///
/// Half of a code is of the account alone. The other half is also of the moment when all of the account's sessions were last
/// ended at once, such as by a new password: whoever was signed in before is as unknown as anybody, to the limits and to its
/// owner, who is told of the next sign-in there. Otherwise whoever was in the account once could use up the attempts of the
/// browsers that its owner uses, for ever.
public struct KnownBrowsers: Sendable {
    /// The first makes marks, all know them: those of earlier master keys live on.
    private let macs: [HMACSHA256]
    private let random: any RandomSource

    /// How long a browser keeps a mark.
    public static let lifetime = Duration.seconds(365 * 86_400)

    /// As many accounts as one mark has room for; whoever was noted first makes room.
    private static let room = 8
    private static let numberCount = 16
    private static let codeCount = 16

    /// Under a key of the purpose; who has another master key makes other marks.
    public init(_ masterKey: MasterKey, random: any RandomSource) {
        macs = masterKey.all.map { HMACSHA256(key: $0.subkey(purpose: "known browsers")) }
        self.random = random
    }

    /// Whether the account was ever signed in to in the browser: then it is worth asking since when that counts.
    func hasSeen(_ account: String, by mark: String?) -> Bool {
        guard let mark = mark.flatMap(Mark.init) else { return false }
        var isKnown = false
        for mac in macs {
            let code = KnownBrowsers.half(KnownBrowsers.code(of: account, in: mark.number, since: nil, mac))
            for other in mark.codes where constantTimeEquals(KnownBrowsers.half(other), code) { isKnown = true }
        }
        return isKnown
    }

    /// The number of the browser, if it knows the account since the moment when all its sessions were ended, if ever.
    func number(of mark: String?, knowing account: String, since moment: Timestamp?) -> [UInt8]? {
        knows(account, by: mark, since: moment) ? mark.flatMap(Mark.init)?.number : nil
    }

    /// Whether the account was signed in to in the browser since the moment when all its sessions were ended, if ever.
    func knows(_ account: String, by mark: String?, since moment: Timestamp?) -> Bool {
        guard let mark = mark.flatMap(Mark.init) else { return false }
        var isKnown = false
        for mac in macs {
            let code = KnownBrowsers.code(of: account, in: mark.number, since: moment, mac)
            for other in mark.codes where constantTimeEquals(other, code) { isKnown = true }
        }
        return isKnown
    }

    /// The mark that shows this account too, whose sessions were all ended at that moment, if ever.
    func mark(after mark: String?, noting account: String, since moment: Timestamp? = nil) -> String {
        var mark = mark.flatMap(Mark.init) ?? Mark(number: random.bytes(KnownBrowsers.numberCount), codes: [])
        // There is always a first: the master key itself.
        let code = KnownBrowsers.code(of: account, in: mark.number, since: moment, macs[0])
        let others = mark.codes.filter { KnownBrowsers.half($0) != KnownBrowsers.half(code) }
        mark.codes = (others + [code]).suffix(KnownBrowsers.room)
        return mark.text
    }

    private static func code(
        of account: String, in number: [UInt8], since moment: Timestamp?, _ mac: HMACSHA256
    ) -> [UInt8] {
        let code = Array(mac.authenticate(number + account.utf8).bytes.prefix(codeCount))
        guard let moment else { return code }
        // No address has a byte 0.
        let renewed = mac.authenticate(number + account.utf8 + [0] + "\(moment.microseconds)".utf8)
        return half(code) + half(Array(renewed.bytes))
    }

    private static func half(_ code: [UInt8]) -> [UInt8] { Array(code.prefix(codeCount / 2)) }

    /// What the cookie holds: the number and the codes in base64url, with dots between them.
    private struct Mark {
        let number: [UInt8]
        var codes: [[UInt8]]

        init(number: [UInt8], codes: [[UInt8]]) {
            self.number = number
            self.codes = codes
        }

        init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard (1...(1 + KnownBrowsers.room)).contains(parts.count) else { return nil }
            var values: [[UInt8]] = []
            for part in parts {
                guard let value = Base64URL.decode(String(part)), value.count == KnownBrowsers.codeCount else {
                    return nil
                }
                values.append(value)
            }
            number = values.removeFirst()
            codes = values
        }

        var text: String { ([number] + codes).map { Base64URL.encode($0) }.joined(separator: ".") }
    }
}

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
///
/// Where somebody signed in by another address than their account has, as a directory allows, the mark also says which
/// account that address led to, to nobody but us. That alone is worth nothing: the account's own code decides.
public struct KnownBrowsers: Sendable {
    /// The first makes marks, all know them: those of earlier master keys live on.
    private let macs: [HMACSHA256]
    private let random: any RandomSource

    /// How long a browser keeps a mark.
    public static let lifetime = Duration.seconds(365 * 86_400)

    /// As many accounts as one mark has room for; whoever was noted first makes room.
    private static let room = 8
    /// As many addresses that are none of an account: 444 characters in all are the most.
    private static let roomForAliases = 2
    private static let numberCount = 16
    private static let codeCount = 16
    /// An identifier is no longer.
    private static let identifierLimit = 64

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

    /// The mark that also says whose account an address led to that is none of an account.
    func mark(after mark: String, noting alias: String, asOneOf user: UserID) -> String {
        guard var known = Mark(mark), user.rawValue.utf8.count <= KnownBrowsers.identifierLimit else { return mark }
        let others = known.aliases.filter { part in
            !macs.contains { KnownBrowsers.open(part, alias, in: known.number, $0) != nil }
        }
        let new = KnownBrowsers.seal(user, alias, in: known.number, macs[0])
        known.aliases = (others + [new]).suffix(KnownBrowsers.roomForAliases)
        return known.text
    }

    /// Whose account an address led to in this browser that is none of an account; nil where that is not known.
    func owner(of alias: String, by mark: String?) -> UserID? {
        guard let mark = mark.flatMap(Mark.init) else { return nil }
        for mac in macs {
            for part in mark.aliases {
                if let user = KnownBrowsers.open(part, alias, in: mark.number, mac) { return user }
            }
        }
        return nil
    }

    /// A code over address and account, and the account as only who has the key and types the address can read it.
    private static func seal(_ user: UserID, _ alias: String, in number: [UInt8], _ mac: HMACSHA256) -> [UInt8] {
        let id = Array(user.rawValue.utf8)
        return aliasCode(of: id, alias, in: number, mac) + masked(id, alias, in: number, mac)
    }

    private static func open(_ part: [UInt8], _ alias: String, in number: [UInt8], _ mac: HMACSHA256) -> UserID? {
        let id = masked(Array(part.dropFirst(codeCount)), alias, in: number, mac)
        guard constantTimeEquals(aliasCode(of: id, alias, in: number, mac), Array(part.prefix(codeCount))) else {
            return nil
        }
        return UserID(rawValue: String(decoding: id, as: UTF8.self))
    }

    // No address has a byte 0 or 1.
    private static func aliasCode(of id: [UInt8], _ alias: String, in number: [UInt8], _ mac: HMACSHA256) -> [UInt8] {
        Array(mac.authenticate(number + alias.utf8 + [1, 0] + id).bytes.prefix(codeCount))
    }

    private static func masked(_ id: [UInt8], _ alias: String, in number: [UInt8], _ mac: HMACSHA256) -> [UInt8] {
        let mask = (0...UInt8(identifierLimit / 32)).flatMap {
            Array(mac.authenticate(number + alias.utf8 + [1, 1, $0]).bytes)
        }
        return zip(id, mask).map { $0 ^ $1 }
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

    /// What the cookie holds: the number, the codes and what is longer, the other addresses, in base64url with dots between
    /// them.
    private struct Mark {
        let number: [UInt8]
        var codes: [[UInt8]]
        var aliases: [[UInt8]] = []

        init(number: [UInt8], codes: [[UInt8]]) {
            self.number = number
            self.codes = codes
        }

        init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let (count, longest) = (KnownBrowsers.codeCount, KnownBrowsers.codeCount + KnownBrowsers.identifierLimit)
            guard parts.count <= 1 + KnownBrowsers.room + KnownBrowsers.roomForAliases else { return nil }
            var values: [[UInt8]] = []
            for part in parts {
                guard let value = Base64URL.decode(String(part)), (count...longest).contains(value.count) else {
                    return nil
                }
                values.append(value)
            }
            guard values.first?.count == count else { return nil }
            number = values.removeFirst()
            codes = values.filter { $0.count == count }
            aliases = values.filter { $0.count > count }
            guard codes.count <= KnownBrowsers.room, aliases.count <= KnownBrowsers.roomForAliases else { return nil }
        }

        var text: String { ([number] + codes + aliases).map { Base64URL.encode($0) }.joined(separator: ".") }
    }
}

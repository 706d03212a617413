import OAuthTypes
public import Stores

/// What can be kept of what people type into their profile: OpenID Connect Core §5.1.
public enum ProfileRules {
    /// The text as it is kept; nil where it cannot be.
    public static func fit(_ text: String, for field: ProfileDetails.Field) -> String? {
        let limit = field == .streetAddress ? 500 : 200
        guard text.unicodeScalars.count <= limit,
            !text.unicodeScalars.contains(where: {
                $0.properties.generalCategory == .control && !(field == .streetAddress && $0 == "\n")
            })
        else { return nil }
        switch field {
        case .profile, .picture, .website: return isWebAddress(text) ? text : nil
        case .birthdate: return isBirthdate(text) ? text : nil
        case .zoneinfo: return isZone(text) ? text : nil
        case .locale: return LanguageTag(text) == nil ? nil : text
        case .phoneNumber: return phoneNumber(text)
        default: return text
        }
    }

    /// Without what nobody sees at the ends, and with one kind of line end.
    public static func trimmed(_ text: String) -> String {
        var text = text.split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: "\n")
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// Only what a client can show as a link without harm.
    private static func isWebAddress(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count)
        return !rest.isEmpty && !rest.hasPrefix("/")
            && rest.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"\"<>\\^`{|}".utf8.contains($0) }
    }

    /// `YYYY-MM-DD`, the year 0000 for one that is not told, or the year alone.
    private static func isBirthdate(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }), parts[0].utf8.count == 4,
            let year = Int(parts[0])
        else { return false }
        if parts.count == 1 { return year > 0 }
        guard parts.count == 3, parts[1].utf8.count == 2, parts[2].utf8.count == 2, let month = Int(parts[1]),
            let day = Int(parts[2]), (1...12).contains(month)
        else { return false }
        // A year that is not told may be any.
        let isLeap = year == 0 || year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...days[month - 1]).contains(day)
    }

    private static func isZone(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return (1...3).contains(parts.count)
            && parts.allSatisfy { part in
                guard let first = part.utf8.first, (0x61...0x7A).contains(first | 0x20) else { return false }
                return part.utf8.allSatisfy { byte in
                    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "_+-".utf8.contains(byte)
                }
            }
    }

    /// E.164: what people put between the digits is left out.
    private static func phoneNumber(_ text: String) -> String? {
        let bare = text.filter { !" -./()".contains($0) }
        guard bare.hasPrefix("+") else { return nil }
        let digits = bare.dropFirst().utf8
        guard (4...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return bare
    }
}

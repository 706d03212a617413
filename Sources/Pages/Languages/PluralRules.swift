import Mustache

/// Which form of a sentence goes with a whole number, by language: Unicode CLDR, cardinal rules.
///
/// Covers the languages of Europe and those with most readers elsewhere; any other has one form for one and one for the
/// rest, as English has.
enum PluralRules {
    static func rule(for language: Language) -> PluralRule {
        switch language.key.prefix(while: { $0 != "-" }) {
        case "ja", "ko", "zh", "vi", "th", "id", "ms", "lo", "my": { _ in .other }
        case "fr", "hy": { $0 < 2 ? .one : .other }
        case "pt" where language.key != "pt-pt": { $0 < 2 ? .one : .other }
        case "fa", "hi", "bn", "gu", "kn", "zu", "am": { $0 < 2 ? .one : .other }
        case "ru", "uk", "be": eastSlavic
        case "sr", "hr", "bs":
            { count in
                let form = eastSlavic(count)
                return form == .many ? .other : form
            }
        case "pl": { count in count == 1 ? .one : isFew(count) ? .few : .many }
        case "cs", "sk": { count in count == 1 ? .one : (2...4).contains(count) ? .few : .other }
        case "sl": slovenian
        case "lt": lithuanian
        case "lv": latvian
        case "ro", "mo":
            { count in
                count == 1 ? .one : count == 0 || (1...19).contains(count % 100) ? .few : .other
            }
        case "is", "mk": { $0 % 10 == 1 && $0 % 100 != 11 ? .one : .other }
        case "ga":
            { count in
                switch count {
                case 1: .one
                case 2: .two
                case 3...6: .few
                case 7...10: .many
                default: .other
                }
            }
        case "he", "iw": { $0 == 1 ? .one : $0 == 2 ? .two : .other }
        case "mt": maltese
        case "ar": arabic
        case "cy":
            { count in
                [0: .zero, 1: .one, 2: .two, 3: .few, 6: .many][count] ?? .other
            }
        default: { $0 == 1 ? .one : .other }
        }
    }

    private static func isFew(_ count: Int) -> Bool {
        (2...4).contains(count % 10) && !(12...14).contains(count % 100)
    }

    private static let eastSlavic: PluralRule = { count in
        count % 10 == 1 && count % 100 != 11 ? .one : isFew(count) ? .few : .many
    }

    private static let slovenian: PluralRule = { count in
        switch count % 100 {
        case 1: .one
        case 2: .two
        case 3, 4: .few
        default: .other
        }
    }

    private static let lithuanian: PluralRule = { count in
        if (11...19).contains(count % 100) { return .other }
        return count % 10 == 1 ? .one : count % 10 == 0 ? .other : .few
    }

    private static let latvian: PluralRule = { count in
        if count % 10 == 0 || (11...19).contains(count % 100) { return .zero }
        return count % 10 == 1 ? .one : .other
    }

    private static let maltese: PluralRule = { count in
        switch count {
        case 1: .one
        case 2: .two
        default: count == 0 || (3...10).contains(count % 100) ? .few : (11...19).contains(count % 100) ? .many : .other
        }
    }

    private static let arabic: PluralRule = { count in
        switch count {
        case 0: .zero
        case 1: .one
        case 2: .two
        default: (3...10).contains(count % 100) ? .few : count % 100 > 10 ? .many : .other
        }
    }
}

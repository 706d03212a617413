/// The forms that a sentence can have for numbers: the categories of Unicode CLDR.
public enum PluralForm: String, CaseIterable, Sendable {
    /// A form of its own for nothing, as in Arabic and Latvian; English has none.
    case zero
    /// One, and whatever a language counts like it.
    case one
    /// Two, and whatever a language counts like it.
    case two
    /// A few, as in Slavic languages.
    case few
    /// Many, as in Slavic languages.
    case many
    /// Everything else; the only form that every language has.
    case other
}

/// Which form goes with a number of things, in one language; never called with less than zero.
public typealias PluralRule = @Sendable (Int) -> PluralForm

/// The keys inside of a section of a ``MustacheValue/count(_:)``.
///
/// `{{#left}}{{#one}}One code is left.{{/one}}{{#other}}{{count}} codes are left.{{/other}}{{/left}}`: `count` is the number,
/// each ``PluralForm`` a flag of which exactly one is set, and `none` says that the number is zero, in every language.
public enum MustacheCount {
    static let schema = MustacheSchema.object(
        Dictionary(uniqueKeysWithValues: PluralForm.allCases.map { ($0.rawValue, MustacheSchema.flag) })
            .merging(["count": .text, "none": .flag]) { _, new in new })

    static func member(_ key: String, of count: Int, by rule: PluralRule) -> MustacheValue? {
        switch key {
        case "count": .integer(count)
        case "none": .bool(count == 0)
        default: PluralForm(rawValue: key).map { .bool(rule(max(0, count)) == $0) }
        }
    }
}

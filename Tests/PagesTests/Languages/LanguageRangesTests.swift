import Testing

@testable import Pages

@Suite("Languages that are wished for: RFC 9110 §12.5.4, RFC 4647")
struct LanguageRangesTests {
    private static let languages = ["de", "en", "pt-BR", "zh-Hant"].map { Language($0)! }

    struct Wish: Sendable, CustomTestStringConvertible {
        let field: String
        let language: String?
        var testDescription: String { field.prefix(60) + " → " + (language ?? "none") }

        init(_ field: String, _ language: String?) { (self.field, self.language) = (field, language) }
    }

    @Test(arguments: [
        Wish("de", "de"), Wish("de-CH", "de"), Wish("DE-ch", "de"), Wish("de-Latn-CH-1996", "de"),
        Wish("fr, de;q=0.5, en;q=0.8", "en"), Wish("fr, de;q=0.8, en;q=0.8", "de"), Wish("fr,\t en ; q=0.1", "en"),
        Wish("pt-br", "pt-BR"), Wish("pt", nil), Wish("pt-PT", nil), Wish("zh-Hant-TW", "zh-Hant"), Wish("zh", nil),
        Wish("de;q=0, en;q=0.001", "en"), Wish("de;q=0", nil), Wish("*", nil), Wish("*, de;q=0.1", "de"), Wish("", nil),
        Wish("de-x-private", "de"), Wish("de;q=1.000", "de"),
        // What is not well formed is passed over, and the rest counts.
        Wish("de;q=2, en;q=0.1", "en"), Wish("de;q=1.001, en;q=0.1", "en"), Wish("de;q=, en;q=0.1", "en"),
        Wish("de;level=1, en;q=0.1", "en"), Wish("d_e, en;q=0.1", "en"), Wish("de;q=0.1234, en;q=0.1", "en"),
        Wish(",,;,de", "de"), Wish("\u{0}de, en", "en"), Wish("dé, en", "en"),
    ])
    func acceptLanguage(_ wish: Wish) {
        #expect(LanguageRanges(acceptLanguage: wish.field).lookup(among: Self.languages)?.tag == wish.language)
    }

    @Test(arguments: [
        Wish("de", "de"), Wish("fr-CA fr de-AT en", "de"), Wish("  en  de", "en"), Wish("tlh", nil), Wish("", nil),
        Wish("de,en", nil),
    ])
    func uiLocales(_ wish: Wish) {
        #expect(LanguageRanges(uiLocales: wish.field).lookup(among: Self.languages)?.tag == wish.language)
    }

    @Test func looksAtSoManyAndNoMore() {
        let many = String(repeating: "fr,", count: LanguageRanges.limit - 1)
        #expect(LanguageRanges(acceptLanguage: many + "de").ranges.last == "de")
        #expect(LanguageRanges(acceptLanguage: many + "fr,de").ranges.last == "fr")
        let long = String(repeating: " ", count: LanguageRanges.byteLimit - 2)
        #expect(LanguageRanges(uiLocales: long + "de").ranges == ["de"])
        #expect(LanguageRanges(uiLocales: long + "  de").ranges == [])
    }

    @Test(arguments: ["de", "pt-BR", "zh-Hant", "de-CH-1996", "tlh"])
    func takesTags(_ tag: String) { #expect(Language(tag)?.tag == tag) }

    @Test(arguments: ["", "d", "-de", "de-", "de--CH", "1de", "de_CH", "deutschland", "de-abcdefghi", "..", "dé"])
    func refusesWhatIsNoTag(_ tag: String) { #expect(Language(tag) == nil) }
}

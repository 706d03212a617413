import MartletTesting
import Testing

@testable import Directory

@Suite("Search filters", .spec("RFC 4515 §3", "RFC 4526"))
struct SearchFilterTests {
    private let mail = AttributeName("mail")!

    @Test(arguments: [
        ("ada@x.org", "(mail=ada@x.org)"), ("*", "(mail=\\2a)"), ("a)(uid=*", "(mail=a\\29\\28uid=\\2a)"),
        ("a\\2a", "(mail=a\\5c2a)"), ("a\u{0}b", "(mail=a\\00b)"), ("", "(mail=)"), ("ä", "(mail=\\c3\\a4)"),
        ("a|b&c!<>~:;/ \n", "(mail=a\\7cb\\26c\\21\\3c\\3e\\7e\\3a\\3b\\2f\\20\\0a)"),
    ])
    func valuesStayValues(_ value: String, _ text: String) {
        #expect(SearchFilter.equals(mail, value).text == text)
    }

    @Test func composeAsTheirPartsMean() {
        let uid = AttributeName("UID")!
        let filter = SearchFilter.all([
            .any([.equals(mail, "a"), .present(uid)]), .not(.matches(uid, rule: .bits, Array("2".utf8))), .all([]),
        ])
        #expect(filter.text == "(&(|(mail=a)(uid=*))(!(uid:1.2.840.113556.1.4.803:=2))(&))")
    }

    @Test(arguments: [
        "", "1", "1.", ".1", "a b", "a=b", "a)(b", "a*", "ä", "-a", "a;binary", "1.2.x",
        String(repeating: "a", count: 129),
    ])
    func namesAreNothingElse(_ text: String) {
        #expect(AttributeName(text) == nil)
        #expect(AttributeName("userPrincipalName")?.rawValue == "userprincipalname")
        #expect(AttributeName("1.3.6.1.1") != nil)
    }
}

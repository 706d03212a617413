import MartletTesting
import Testing

@testable import Directory

@Suite("Parts of names of entries", .spec("RFC 4514 §2", "RFC 4514 §3"))
struct NamePartsTests {
    private func text(_ name: String) -> String? { NameParts(DistinguishedName(name))?.text }

    @Test(arguments: [
        ("CN=Staff,OU=Groups,DC=x", "cn=Staff,ou=Groups,dc=x"), ("cn = Staff , ou=x ; dc=y", "cn=Staff,ou=x,dc=y"),
        ("cn=a\\, b,dc=x", "cn=a\\, b,dc=x"), ("cn=a\\2C b,dc=x", "cn=a\\, b,dc=x"),
        ("cn=\\20a\\20,dc=x", "cn=\\ a\\ ,dc=x"), ("cn=\\c3\\a4,dc=x", "cn=ä,dc=x"), ("cn=\\ff", "cn=\\ff"),
        ("uid=1+cn=a,dc=x", "cn=a+uid=1,dc=x"), ("2.5.4.3=a", "2.5.4.3=a"), ("cn=a\\=b", "cn=a\\=b"),
        ("cn=\\00", "cn=\\00"), ("cn=\\#a", "cn=\\#a"),
    ])
    func haveOneSpelling(_ name: String, _ spelled: String) {
        #expect(text(name) == spelled)
        #expect(text(spelled) == spelled)
    }

    @Test(arguments: ["Staff", "", "cn=", "cn=a,", "=a", "cn=a\\", "cn=a\\1", "cn=\"a\"", "c n=a", "cn=#0401"])
    func whatIsNoNameHasNone(_ name: String) { #expect(text(name) == nil) }

    @Test func namesDifferInMoreThanTheCaseOfLetters() throws {
        let one = try #require(NameParts(DistinguishedName("CN=Staff,DC=x")))
        #expect(one.folded == NameParts(DistinguishedName("cn=staff, dc=X"))?.folded)
        // What is escaped is no separator.
        #expect(one.folded != NameParts(DistinguishedName("cn=staff\\,dc\\=x"))?.folded)
        #expect(one.folded != NameParts(DistinguishedName("cn=staff,dc=x,dc=y"))?.folded)
    }

    @Test(
        arguments: [
            ("cn=Staff,ou=a,dc=x", "Staff"), ("CN=a\\, b,OU=A,DC=X", "a, b"), ("cn=Staff,ou=b,dc=x", nil),
            ("cn=Staff,ou=b,ou=a,dc=x", nil), ("ou=Staff,ou=a,dc=x", nil), ("cn=Staff+uid=1,ou=a,dc=x", nil),
            ("ou=a,dc=x", nil), ("cn=\\ff,ou=a,dc=x", nil),
        ] as [(String, String?)])
    func aCommonNameIsEnoughDirectlyBelowTheBase(_ name: String, _ word: String?) throws {
        let base = try #require(NameParts(DistinguishedName("ou=a,dc=x")))
        #expect(try #require(NameParts(DistinguishedName(name))).commonName(directlyBelow: base) == word)
    }
}

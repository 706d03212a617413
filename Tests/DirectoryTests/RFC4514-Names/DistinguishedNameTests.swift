import MartletTesting
import Testing

@testable import Directory

@Suite("Names of entries", .spec("RFC 4514 §2.4"))
struct DistinguishedNameTests {
    @Test(arguments: [
        ("ada", "uid=ada,dc=x"), ("a,ou=b", "uid=a\\2cou\\3db,dc=x"),
        ("a+b=\"c\"\\;<>#\u{0} ", "uid=a\\2bb\\3d\\22c\\22\\5c\\3b\\3c\\3e\\23\\00\\20,dc=x"),
        ("{user}", "uid=\\7buser\\7d,dc=x"), ("ä", "uid=\\c3\\a4,dc=x"),
    ])
    func aValueStaysAValue(_ user: String, _ name: String) {
        #expect(DistinguishedName(pattern: "uid={user},dc=x", user: user).text == name)
    }
}

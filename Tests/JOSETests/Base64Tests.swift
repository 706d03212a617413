import JOSE
import Testing

@Suite("RFC 4648 §4 Base64 with padding")
struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy"),
        ("\u{3FB}\u{7F}?", "z7t/Pw=="),
    ])
    func encodesAndDecodesAsTheRFCSays(_ plain: String, _ encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: ["Zg", "Zg=", "Zg===", "Z===", "Zm9v=", "Zm-_", "Zm 9", "Zh==", "=Zg=", "Zg==Zg=="])
    func refusesEverythingElse(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

import Testing

@testable import JOSE

@Suite("RFC 7512 PKCS #11 URI")
struct KeyURITests {
    @Test(arguments: [
        "pkcs11:token=martlet;object=signing", "pkcs11:model=SoftHSM%20v2;id=%01%02", "PKCS11:id=%01",
        "pkcs11:object=a?module-name=softhsm2", "handle:0x81000001", "handle:0x81000001?pass", "object:/etc/key",
    ])
    func takesTheNameOfOneKey(_ text: String) throws {
        let uri = try KeyURI(text)
        #expect(uri.text == text && "\(uri)" == text)
        #expect(uri.isPKCS11 == text.lowercased().hasPrefix("pkcs11:"))
    }

    @Test(arguments: [
        ("", KeyURI.Refusal.malformed), ("signing", .malformed), (":object=a", .malformed), ("pkcs11:", .malformed),
        ("pkcs11:object=a b", .malformed), ("pkcs11:object=ä", .malformed), ("1pkcs:object=a", .malformed),
        ("pk_cs:object=a", .malformed), ("pkcs11:object=a\n", .malformed), ("file:/etc/key.pem", .file),
        ("FILE:/etc/key.pem", .file), ("pkcs11:token=martlet", .ambiguous), ("pkcs11:token=object", .ambiguous),
        ("pkcs11:object=a;pin-value=1234", .holdsPIN), ("pkcs11:object=a?pin-value=1234", .holdsPIN),
        ("pkcs11:object=a?module-name=b&pin-source=file:/pin", .holdsPIN), ("pkcs11:object=a?PIN-VALUE=1", .holdsPIN),
    ])
    func refusesWhatNamesNoKeyOrTellsThePIN(_ text: String, _ refusal: KeyURI.Refusal) {
        #expect(throws: refusal) { try KeyURI(text) }
    }

    @Test func hasALimit() throws {
        let text = "pkcs11:object=" + String(repeating: "a", count: KeyURI.limit - 14)
        #expect(try KeyURI(text).text == text)
        #expect(throws: KeyURI.Refusal.malformed) { try KeyURI(text + "a") }
    }
}

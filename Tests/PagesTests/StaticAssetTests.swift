import Testing

@testable import Pages

@Suite("Pages: static files")
struct StaticAssetTests {
    @Test func addressChangesWithTheContentAlone() throws {
        let one = try #require(StaticAsset(name: "style.css", bytes: Array("a{}".utf8)))
        let same = try #require(StaticAsset(name: "style.css", bytes: Array("a{}".utf8)))
        let other = try #require(StaticAsset(name: "style.css", bytes: Array("b{}".utf8)))
        #expect(one.path == same.path)
        #expect(one.hash != other.hash && one.path != other.path)
    }

    /// The published test vectors of FNV-1a.
    @Test(arguments: [("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8")])
    func hashIsFNV1a(_ text: String, _ hash: String) throws {
        #expect(try #require(StaticAsset(name: "a.css", bytes: Array(text.utf8))).hash == hash)
    }

    @Test(arguments: [
        ("style.css", "text/css; charset=utf-8"), ("script.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"), ("logo-2_x.png", "image/png"),
    ])
    func knowsItsMediaType(_ name: String, _ type: String) throws {
        #expect(try #require(StaticAsset(name: name, bytes: [])).contentType == type)
    }

    @Test(arguments: ["style", "page.html", "a b.css", "ä.css", "a/b.css", "a?.css", "", "."])
    func refusesOtherNames(_ name: String) {
        #expect(StaticAsset(name: name, bytes: []) == nil)
    }
}

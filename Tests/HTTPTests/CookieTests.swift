import HTTP
import Testing

@Suite("RFC 6265 cookies")
struct CookieTests {
    @Test func cookiesAreReadByName() throws {
        let request = Request(.get, "/", headers: ["Cookie": "a=1; b = 2 ;c=;d=e=f;; g; (=h", "cookie": "i=\"j\""])
        let cookies = try request.cookies()
        #expect(cookies["a"] == "1")
        #expect(cookies["b"] == "2")
        #expect(cookies["c"] == "")
        #expect(cookies["d"] == "e=f")
        #expect(cookies["i"] == "\"j\"")
        #expect(cookies["A"] == nil)
        #expect(Set(cookies.names) == ["a", "b", "c", "d", "i"])
        #expect(try Request(.get, "/").cookies().names.isEmpty)
    }

    @Test(arguments: [["Cookie": "a=1; b=2; a=3"], ["Cookie": "a=1; b=2", "cookie": "a=1"]] as [Headers])
    func aRepeatedNameIsAnError(_ headers: Headers) throws {
        let request = Request(.get, "/", headers: headers)
        #expect(throws: CookieError.duplicate("a")) { try request.cookies() }
        #expect(throws: CookieError.duplicate("a")) { try request.cookie("a") }
        #expect(try request.cookie("b") == "2")
        #expect(try request.cookie("c") == nil)
    }

    private func header(_ cookie: SetCookie) -> String? {
        var response = Response(.ok)
        response.setCookie(cookie)
        #expect(response.headers.hasRefusedField == (response.headers.count == 0))
        return response.headers["Set-Cookie"]
    }

    @Test func cookiesAreSetWithTheirAttributes() {
        #expect(header(SetCookie(name: "a", value: "b")) == "a=b; Path=/; HttpOnly; Secure; SameSite=Lax")
        let plain = SetCookie(
            name: "a", value: "", path: "/x", httpOnly: false, secure: false, sameSite: .strict, maxAge: .seconds(90))
        #expect(header(plain) == "a=; Path=/x; Max-Age=90; SameSite=Strict")
        #expect(header(plain.removal()) == "a=; Path=/x; Max-Age=0; SameSite=Strict")
    }

    @Test func whatWouldBreakTheGrammarOrAPromiseIsRefused() {
        for value in ["a;b", "a b", "a,b", "\"a\"", "a\\b", "a\r\nb", "ä"] {
            #expect(header(SetCookie(name: "a", value: value)) == nil, "\(value)")
        }
        #expect(header(SetCookie(name: "", value: "a")) == nil)
        #expect(header(SetCookie(name: "a=b", value: "a")) == nil)
        #expect(header(SetCookie(name: "a", value: "b", path: "/;Domain=x")) == nil)
        #expect(header(SetCookie(name: "__Host-a", value: "b", path: "/x")) == nil)
        #expect(header(SetCookie(name: "__Host-a", value: "b", secure: false)) == nil)
        #expect(header(SetCookie(name: "__Secure-a", value: "b", secure: false)) == nil)
        #expect(header(SetCookie(name: "__Host-a", value: "b")) != nil)
        #expect(header(SetCookie(name: "__Secure-a", value: "b", path: "/x")) != nil)
    }
}

import HTTP
import Testing

@Suite("Router")
struct RouterTests {
    private var router: Router {
        var router = Router()
        router.on(.get, "/") { _ in .text("root") }
        router.on(.get, "/a") { _ in .text("exact") }
        router.on(.post, "/a") { _ in .text("post") }
        router.on(.options, "/a") { _ in Response(.noContent, headers: ["Access-Control-Allow-Origin": "*"]) }
        router.on(.get, "/a/:id") { .text("one \($0.parameter("id") ?? "-")") }
        router.on(.get, "/a/fixed") { _ in .text("fixed") }
        router.on(.post, "/a/:id/b/:other") { .text("\($0.parameter("id") ?? "-") \($0.parameter("other") ?? "-")") }
        router.mount("/static/") { .text("static \($0.path)") }
        router.mount("/static/deep/") { .text("deep \($0.path)") }
        return router
    }

    private func ask(_ method: Method, _ path: String) async -> String {
        let response = await router.respond(to: Request(method, path))
        let allow = response.headers["Allow"].map { " [\($0)]" } ?? ""
        return "\(response.status.rawValue) \(String(decoding: response.body.bytes, as: UTF8.self))\(allow)"
    }

    @Test(arguments: [
        (Method.get, "/", "200 root"), (.get, "/a", "200 exact"), (.post, "/a", "200 post"), (.head, "/a", "200 exact"),
        (.options, "/a", "204 "), (.get, "/a/", "404 404 Not Found\n"), (.get, "/A", "404 404 Not Found\n"),
        (.get, "/a/1", "200 one 1"), (.get, "/a/fixed", "200 fixed"), (.get, "/a/1/b", "404 404 Not Found\n"),
        (.post, "/a/1/b/2", "200 1 2"), (.post, "/a/1/c/2", "404 404 Not Found\n"),
        (.post, "/a//b/2", "404 404 Not Found\n"),
        (.get, "/static/x/y", "200 static /static/x/y"), (.get, "/static/deep/x", "200 deep /static/deep/x"),
        (.get, "/static", "404 404 Not Found\n"), (.get, "", "404 404 Not Found\n"),
        (.put, "/a", "405 405 Method Not Allowed\n [GET, HEAD, POST, OPTIONS]"),
        (.get, "/a/1/b/2", "405 405 Method Not Allowed\n [POST]"),
        (.post, "/a/fixed", "405 405 Method Not Allowed\n [GET, HEAD]"),
        (.delete, "/static/x", "405 405 Method Not Allowed\n [GET, HEAD]"),
        (.other("TRACE"), "/", "405 405 Method Not Allowed\n [GET, HEAD]"),
    ])
    func choosesByPathThenByMethod(_ method: Method, _ path: String, _ answer: String) async {
        #expect(await ask(method, path) == answer)
    }

    @Test func theFallbackMakesTheAnswerAndTheRouterAddsAllow() async {
        var router = Router { request, miss in .text("\(request.path) \(miss)", status: miss.status) }
        router.on(.put, "/a") { _ in .text("") }
        let missing = await router.respond(to: Request(.get, "/b"))
        #expect(missing.status == .notFound)
        #expect(missing.body == .bytes(Array("/b notFound".utf8)))
        let wrong = await router.respond(to: Request(.get, "/a"))
        #expect(wrong.status == .methodNotAllowed)
        #expect(wrong.headers["Allow"] == "PUT")
    }
}

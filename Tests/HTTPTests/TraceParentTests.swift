import Reactor
import Testing

@testable import HTTP

@Suite("W3C Trace Context")
struct TraceParentTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    @Test(arguments: [
        "00-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-00", "00-\(trace)-\(parent)-03", "01-\(trace)-\(parent)-01",
        "cc-\(trace)-\(parent)-01-what-the-future-brings",
    ])
    func readsWhatTheSpecificationWrites(_ text: String) throws {
        let read = try #require(TraceParent(text.utf8))
        #expect(read.trace == 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736)
        #expect(read.parent == 0x00f0_67aa_0ba9_02b7)
        #expect(read.isSampled == !text.hasSuffix("-00"))
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(parent)-0", "00-\(trace)-\(parent)-011", "00-\(trace)-\(parent)-01-",
        "00-\(trace)-\(parent)-01-x", "ff-\(trace)-\(parent)-01", "01-\(trace)-\(parent)-01x",
        "00-\(trace.uppercased())-\(parent)-01", "00-\(String(repeating: "0", count: 32))-\(parent)-01",
        "00-\(trace)-\(String(repeating: "0", count: 16))-01", "00-\(trace)-\(parent)-0g",
        "00_\(trace)-\(parent)-01", " 00-\(trace)-\(parent)-01", "00-\(trace)\(parent)--01",
        "00-\(trace)-\(parent)-01\u{e9}",
    ])
    func refusesEverythingElse(_ text: String) {
        #expect(TraceParent(text.utf8) == nil)
    }

    @Test func twoFieldsAreNone() {
        let text = "00-\(Self.trace)-\(Self.parent)-01"
        #expect(TraceParent(["Traceparent": text] as Headers) != nil)
        #expect(TraceParent(["traceparent": text, "Traceparent": text] as Headers) == nil)
        #expect(TraceParent([:] as Headers) == nil)
    }

    @Test(arguments: [
        "12345678", "0f8fad5b-d9cb-469f-a165-70867728950e", String(repeating: "a", count: 64), "A_b.c-d9",
    ])
    func idsOfProxiesAreKept(_ text: String) throws {
        let id = try #require(RequestID(given: text.utf8))
        #expect(id.description == text)
        var bytes: [UInt8] = []
        id.forEachByte { bytes.append($0) }
        #expect(bytes == Array(text.utf8))
    }

    @Test(arguments: [
        "", "1234567", String(repeating: "a", count: 65), "12345678\r\nX: y", "1234 5678", "1234567\u{e9}",
    ])
    func oddIdsAreNot(_ text: String) {
        #expect(RequestID(given: text.utf8) == nil)
    }

    @Test func onlyTrustedProxiesChooseTheID() async throws {
        let answer: @Sendable (inout Router) -> Void = { router in
            router.on(.get, "/plain") { request in .text(request.id.description) }
        }
        let network = try Network("127.0.0.0/8")
        for isTrusted in [true, false] {
            try await LiveServer.run(
                configure: { configuration in
                    if isTrusted { configuration.proxies.networks = [network] }
                },
                routes: answer
            ) { live in
                let client = live.client()
                client.send(.get("/plain", "X-Request-Id: from-the-proxy\r\n"))
                let given = try #require(client.answer())
                #expect((given.header("X-Request-Id") == "from-the-proxy") == isTrusted)
                #expect((given.text == "from-the-proxy") == isTrusted)
                client.send(.get("/plain", "X-Request-Id: from the proxy\r\n"))
                let made = try #require(client.answer())
                #expect(made.header("X-Request-Id")?.utf8.count == RequestID.textCount)
            }
        }
    }

    @Test func answersKnowTheirRoute() async throws {
        var router = Router()
        router.on(.get, "/plain") { _ in .text("plain") }
        router.on(.get, "/item/:id") { _ in .text("item") }
        router.on(.post, "/item/:id") { _ in .text("item") }
        router.mount("/static/") { _ in .text("file") }
        #expect(router.patterns == ["-", "/plain", "/item/:id", "/static/"])
        for (method, path, route) in [
            (HTTP.Method.get, "/plain", 1), (.head, "/plain", 1), (.post, "/plain", 1), (.get, "/item/7", 2),
            (.post, "/item/8", 2), (.get, "/static/a/b", 3), (.get, "/none", 0),
        ] {
            let response = await router.respond(to: Request(method, path))
            #expect(Int(response.notes.route) == route, "\(method) \(path)")
        }
    }
}

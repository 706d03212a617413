import AuthorizationServer
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("The document of the calls")
struct AuthDocumentTests {
    @Test("Every call is in the document, and every call of the document is there")
    func sameList() async throws {
        let test = try await TestSite()
        let app = try await App(test, .tokens)
        let document = try await app.call(.readDocument).json
        #expect(document["openapi"] == "3.1.0")
        #expect(document["servers"]?[0]?["url"] == "https://id.example/v1/auth")
        var described: Set<String> = []
        for (path, methods) in (document["paths"]?.object ?? [:]).map({ ($0.name, $0.value) }) {
            for (method, operation) in (methods.object ?? [:]).map({ ($0.name, $0.value) }) {
                described.insert("\(method.uppercased()) \(path)")
                let known = AuthOperation.allCases.first { $0.rawValue == operation["operationId"]?.string }
                #expect(known?.path == path && known?.method.text == method.uppercased())
                let statuses = Set(operation["responses"]?.object?.map(\.name) ?? [])
                let expected = Set(known?.problems.map { "\($0.status.rawValue)" } ?? [])
                #expect(statuses == expected.union(["\(known?.success.status.rawValue ?? 0)", "413"]))
            }
        }
        #expect(described == Set(AuthOperation.allCases.map { "\($0.method.text) \($0.path)" }))
        for operation in AuthOperation.allCases {
            let request = Request(operation.method, AuthOperation.root + operation.path)
            #expect(await ![404, 405].contains(test.site.respond(to: request).status.rawValue), "\(operation)")
        }
    }

    @Test func everyReferenceLeadsSomewhere() async throws {
        let app = try await App(try await TestSite(), .tokens)
        let document = try await app.call(.readDocument).json
        var count = 0
        func walk(_ value: JSONValue) {
            if let reference = value["$ref"]?.string {
                count += 1
                let name = String(reference.dropFirst("#/components/schemas/".count))
                #expect(document["components"]?["schemas"]?[name] != nil, "\(reference)")
            }
            for member in value.object ?? [:] { walk(member.value) }
            for element in value.array ?? [] { walk(element) }
        }
        walk(document)
        #expect(count > 50)
        let problem = try await app.call(.login, ["email": "x"]).json
        let type = try #require(problem["type"]?.string)
        #expect(type == "https://id.example/v1/auth/openapi.json#/x-problems/invalidRequest")
        #expect(document["x-problems"]?["invalidRequest"]?["status"] == 400)
        #expect(problem["supportCode"]?.string == RequestID(7).description)
    }

    @Test("What each call needs of its caller is what the document says")
    func access() async throws {
        let app = try await App(try await TestSite(), .tokens)
        for operation in AuthOperation.allCases {
            let headers: Headers = ["Content-Type": "application/json"]
            let page = try await app.send(operation, operation.request == nil ? [:] : headers, body: [])
            #expect(page.status == (operation.access == .anybody ? 200 : 401), "\(operation)")
        }
    }

    @Test("Without a client for it nothing is there")
    func off() async throws {
        let test = try await TestSite(party: .first)
        let stranger = try await App(test, .tokens, id: "stranger", party: .third)
        for operation in AuthOperation.allCases {
            let page = Page(
                response: await test.site.respond(
                    to: Request(operation.method, AuthOperation.root + operation.path, headers: stranger.proof)))
            #expect(page.status == 404 && page.problem == "notFound", "\(operation)")
        }
        let preflight = Request(.options, "/v1/auth/login", headers: ["Origin": App.page])
        #expect(await test.site.respond(to: preflight).status == .notFound)
        let app = try await App(test, .tokens)
        #expect(try await app.signIn().status == 200)
        #expect(try await stranger.call(.login, App.right).problem == "clientNotAllowed")
    }

    @Test func unknownAddressesAndMethodsAreProblems() async throws {
        let test = try await TestSite()
        _ = try await App(test, .tokens)
        let unknown = Page(response: await test.site.respond(to: Request(.get, "/v1/auth/nothing")))
        #expect(unknown.status == 404 && unknown.problem == "notFound")
        let method = Page(response: await test.site.respond(to: Request(.get, "/v1/auth/login")))
        #expect(method.status == 405 && method.problem == "methodNotAllowed")
        #expect(method.response.headers["Allow"] == "POST, OPTIONS")
        let page = Page(response: await test.site.respond(to: Request(.get, "/v1/authors")))
        #expect(page.status == 404 && page.problem == nil)
    }

    @Test func belowAnIssuerWithAPath() async throws {
        let test = try await TestSite(issuer: "https://example.com/id")
        let app = try await App(test, .tokens)
        #expect(try await app.signIn().json["accessToken"] != nil)
        let document = try await app.call(.readDocument).json
        #expect(document["servers"]?[0]?["url"] == "https://example.com/id/v1/auth")
    }
}

import HTTP
import JSON
import OAuthTypes
import Stores
import Testing

@testable import Web

@Suite("The content of calls")
struct AuthContentTests {
    @Test(arguments: [
        "application/x-www-form-urlencoded", "text/plain", "text/plain;application/json", "application/jsonx",
        "application/json; charset=utf-16", "application/json; charset=utf-8; x=y", "multipart/form-data; boundary=x",
        "application/problem+json", "",
    ])
    func otherTypesAreRefused(_ type: String) async throws {
        let app = try await App(try await TestSite(), .tokens)
        let refused = try await app.call(.login, App.right, headers: ["Content-Type": type])
        #expect(refused.status == 415 && refused.problem == "unsupportedMediaType")
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            #expect(try await app.call(.login, App.right, headers: ["Content-Type": good]).status == 200)
        }
    }

    @Test func aFormIsNoContent() async throws {
        let app = try await App(try await TestSite(), .tokens)
        var headers = app.proof
        headers.set("Content-Type", "application/json")
        let form = "email=\(TestSite.email)&password=\(TestSite.password)"
        #expect(try await app.send(.login, headers, body: Array(form.utf8)).problem == "invalidRequest")
        headers.add("Content-Type", "text/plain")
        #expect(try await app.send(.login, headers, body: App.right.jsonBytes()).status == 415)
    }

    struct Text: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let pointer: String
    }

    @Test(arguments: [
        Text(testDescription: "empty", text: "", pointer: ""),
        Text(testDescription: "cut off", text: #"{"email":"#, pointer: ""),
        Text(testDescription: "a list", text: "[]", pointer: ""),
        Text(testDescription: "null", text: "null", pointer: ""),
        Text(testDescription: "deep", text: String(repeating: "[", count: 4000), pointer: ""),
        Text(
            testDescription: "deep inside", text: #"{"email":{"a":{"b":{"c":{"d":1}}}},"password":"x"}"#, pointer: ""),
        Text(testDescription: "a name twice", text: #"{"email":"a@b.c","email":"a@b.c","password":"x"}"#, pointer: ""),
        Text(testDescription: "unknown", text: #"{"email":"a@b.c","password":"x","admin":true}"#, pointer: ""),
        Text(testDescription: "missing", text: #"{"email":"a@b.c"}"#, pointer: "/password"),
        Text(testDescription: "no address", text: #"{"email":"a","password":"x"}"#, pointer: "/email"),
        Text(
            testDescription: "a list of passwords", text: #"{"email":"a@b.c","password":["x"]}"#, pointer: "/password"),
        Text(
            testDescription: "long",
            text: #"{"email":"a@b.c","password":""# + String(repeating: "x", count: 257) + "\"}",
            pointer: "/password"),
        Text(testDescription: "a lone surrogate", text: #"{"email":"a@b.c","password":"\ud800"}"#, pointer: ""),
        Text(testDescription: "too large", text: "{" + String(repeating: " ", count: 9000) + "}", pointer: ""),
        Text(
            testDescription: "a wrong challenge", text: #"{"email":"a@b.c","password":"x","challenge":{"token":"a"}}"#,
            pointer: "/challenge/solution"),
    ])
    func whatTheSchemaDoesNotHaveIsRefused(_ example: Text) async throws {
        let app = try await App(try await TestSite(), .tokens)
        var headers = app.proof
        headers.set("Content-Type", "application/json")
        let page = try await app.send(.login, headers, body: Array(example.text.utf8))
        #expect(page.status == 400 && page.problem == "invalidRequest")
        #expect(page.json["errors"]?[0]?["pointer"]?.string == example.pointer)
        #expect(!page.text.contains("admin"))
        let near = #"{"email":"a@b.c","password":"x"}"#
        #expect(try await app.send(.login, headers, body: Array(near.utf8)).problem == "wrongCredentials")
    }

    @Test func callsWithoutContentTakeNone() async throws {
        let app = try await App(try await TestSite(), .tokens)
        try await app.signIn()
        #expect(try await app.call(.logout, ["a": 1]).problem == "invalidRequest")
        #expect(try await app.call(.logout).status == 204)
    }

    @Test func eachCallHasALimitOfContent() async throws {
        let test = try await TestSite()
        for operation in AuthOperation.allCases {
            #expect(test.site.bodyLimit(operation.method, "/v1/auth" + operation.path) == operation.contentLimit)
            #expect((1...8192).contains(operation.contentLimit))
        }
    }
}

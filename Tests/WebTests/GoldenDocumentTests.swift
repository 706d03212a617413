import AuthorizationServer
import Foundation
import HTTP
import JOSE
import OAuthTypes
import Testing

@Suite("Reviewed copies of what is published")
struct GoldenDocumentTests {
    @Test("The discovery document of https://id.example is the reviewed one in well-known/")
    func discoveryDocument() async throws {
        // As a server signs that is told nothing about it.
        var policy = Policy()
        policy.signingAlgorithms = [.es256, .rs256]
        policy.takesEncryptedRequests = true
        let test = try await TestSite(policy: policy)
        let path =
            String(#filePath.dropLast("Tests/WebTests/GoldenDocumentTests.swift".utf8.count))
            + "well-known/openid-configuration.json"
        let reviewed = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
        let served = await TestBrowser(test).get("/.well-known/openid-configuration")
        let computed = try JSONSerialization.jsonObject(with: Data(served.response.body.bytes))
        let expected = try #require(reviewed as? [String: Any])
        let actual = try #require(computed as? [String: Any])
        #expect(actual.keys.sorted() == expected.keys.sorted())
        for (name, value) in expected { #expect(actual[name] as? NSObject == value as? NSObject, "\(name)") }
    }
}

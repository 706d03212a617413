import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing

/// The modules of the Basic and the Dynamic plan about request objects.
@Suite("Conformance: request objects", .spec("OpenID Connect Core §6"))
struct RequestObjectPlanTests {
    private static let address = "https://suite.example/requesturi/1"
    /// The suite has it before there is any content: it is the hash of something else.
    private static let fragment = "#" + Base64URL.encode([UInt8](repeating: 7, count: 32))

    @Test("The suite runs the modules of unsigned objects where the metadata offers them")
    func isOffered() async throws {
        func algorithms(_ policy: JSONObject) async throws -> [JSONValue] {
            let run = try await DynamicRun(policy)
            let metadata = await run.run.browser.get("/.well-known/openid-configuration").json
            #expect(metadata["request_uri_parameter_supported"]?.bool == true)
            return metadata["request_object_signing_alg_values_supported"]?.array ?? []
        }
        #expect(try await algorithms(DynamicRun.policy).contains("none"))
        #expect(try await !algorithms(["access": "open"]).contains("none"))
    }

    @Test(
        "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
        arguments: ConformanceRun.Plan.allCases)
    func unsigned(_ plan: ConformanceRun.Plan) async throws {
        var run = try await DynamicRun(DynamicRun.policy, plan)
        _ = try await run.become()
        let object = DynamicRun.unsigned(try run.claims(["nonce": "nonce-1", "state": "inside"]))
        let changes = ["request": object, "nonce": "outside", "state": "outside"]
        let answer = try run.run.callback(
            await run.run.act(await run.run.browser.get(run.run.request(changes))), ["state": "inside"])
        _ = try await run.redeem(try #require(answer[.code]))
        try await run.leave()
    }

    @Test(
        "By reference",
        arguments: [
            "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", "oidcc-request-uri-unsigned",
            "oidcc-request-uri-signed-rs256",
        ], ConformanceRun.Plan.allCases)
    func byReference(_ module: String, _ plan: ConformanceRun.Plan) async throws {
        let isSigned = module == "oidcc-request-uri-signed-rs256"
        var run = try await DynamicRun(DynamicRun.policy, plan)
        let uri = Self.address + Self.fragment
        _ = try await run.become([
            "request_uris": [.string(uri)], "request_object_signing_alg": isSigned ? "RS256" : "none",
        ])
        let claims = try run.claims(["state": "inside"])
        let object =
            isSigned
            ? try JWTSigner(key: run.key, type: .jwt).sign(JSONValue.object(claims)) : DynamicRun.unsigned(claims)
        run.documents.serve(Array(object.utf8), "application/jwt", at: Self.address)
        let page = await run.run.act(await run.run.browser.get(run.run.request(["request_uri": uri])))
        let answer = try run.run.callback(page, ["state": "inside"])
        _ = try await run.redeem(try #require(answer[.code]))
        #expect(run.documents.asked == [Self.address])
        // Another one is not fetched.
        let other = try run.run.callback(await run.run.browser.get(run.run.request(["request_uri": Self.address])))
        #expect(other[.error] == "invalid_request_uri" && run.documents.asked.count == 1)
        try await run.leave()
    }

    @Test("oidcc-ensure-request-object-with-redirect-uri", arguments: ConformanceRun.Plan.allCases)
    func redirectURI(_ plan: ConformanceRun.Plan) async throws {
        var run = try await DynamicRun(DynamicRun.policy, plan)
        let second = ConformanceRun.callback + "2"
        _ = try await run.become(["redirect_uris": [.string(ConformanceRun.callback), .string(second)]])
        // The one inside rules; beside it stands one that nobody registered.
        for beside in [second, ConformanceRun.callback + "/invalid"] {
            let object = try JWTSigner(key: run.key, type: .jwt).sign(JSONValue.object(try run.claims()))
            let page = await run.run.act(
                await run.run.browser.get(run.run.request(["redirect_uri": beside, "request": object])))
            #expect(try run.run.callback(page)[.code] != nil)
        }
        let evil = try run.claims(["redirect_uri": "https://evil.example/"])
        let object = try JWTSigner(key: run.key, type: .jwt).sign(JSONValue.object(evil))
        run.run.staysHere(await run.run.browser.get(run.run.request(["request": object])))
        try await run.leave()
    }

    @Test("Of clients without keys and without the profile, as in the Basic plan: rejected as unsupported")
    func isRejected() async throws {
        let run = try await ConformanceRun()
        for (name, value, error) in [
            ("request_uri", Self.address, "request_uri_not_supported"),
            ("request", DynamicRun.unsigned(["state": "x"]), "request_not_supported"),
        ] {
            let answer = try run.callback(await run.browser.get(run.request([name: value])))
            #expect(answer[.error] == error)
        }
    }
}

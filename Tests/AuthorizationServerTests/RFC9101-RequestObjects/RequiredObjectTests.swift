import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite(
    "Clients that must sign their requests, and those that need not",
    .spec("RFC 9101 §10.5", "FAPI 2.0 Message Signing §5.3.1"))
struct RequiredObjectTests {
    private static let required: JSONObject = ["require_signed_request_object": true]

    @Test(.spec("A-80"))
    func plainParametersAreRefused() async throws {
        let bench = try await RequestObjectBench(members: Self.required)
        let plain: [Parameter: String?] = [
            .responseType: "code", .scope: "openid", .codeChallengeMethod: "S256",
            .codeChallenge: CodeChallenge.s256(TestServer.verifier).rawValue,
        ]
        #expect(try await bench.refusal(plain)?.code == .invalidRequest)
        #expect(try await bench.isTaken([.request: try bench.signed()]))
        let free = try await RequestObjectBench()
        #expect(try await free.isTaken(plain))
    }

    @Test(arguments: [
        "without iss", "without aud", "without exp", "without nbf", "more than an hour", "more than an hour ago",
        "almost a minute ahead",
    ])
    func theRulesOfFAPIAreTheirs(_ name: String) async throws {
        let bench = try await RequestObjectBench(members: Self.required)
        let now = bench.server.clock.now.seconds
        let changes: [String: JSONObject] = [
            "without iss": ["iss": .null], "without aud": ["aud": .null], "without exp": ["exp": .null],
            "without nbf": ["nbf": .null], "more than an hour": ["exp": .integer(now + 3_601)],
            "more than an hour ago": ["nbf": .integer(now - 3_700), "exp": .integer(now + 5)],
            "almost a minute ahead": ["nbf": .integer(now + 55)],
        ]
        let object = try bench.signed(try #require(changes[name]))
        #expect(try await bench.refusal([.request: object])?.code == .invalidRequestObject)
        let near = try bench.signed(["nbf": .integer(now + 8), "exp": .integer(now + 3_608), "iat": .null])
        #expect(try await bench.isTaken([.request: near]))
    }

    /// What becomes of a request from its arrival in a browser to its answer.
    private struct Visit {
        let bench: RequestObjectBench
        let browser: Browser
        let id: String

        init(_ bench: RequestObjectBench, _ beside: [Parameter: String?]) async throws {
            self.bench = bench
            browser = bench.server.browser()
            id = try #require(try await bench.decide(beside, from: browser).interaction)
        }

        func finish() async throws -> AuthorizationAnswer? {
            let (server, steps) = (bench.server, Interactions(bench.server.environment))
            let browser = try await server.signIn(in: browser)
            let step = try await steps.choose(try #require(browser.session), for: id, from: browser)
            guard case .consent = step else { return step.answer }
            return try await steps.decide(.allow, on: id, from: browser).answer
        }
    }

    @Test(.spec("RFC 7519 §4.1.7", "RFC 9101 §4"))
    func anObjectIsGoodForOneCode() async throws {
        let bench = try await RequestObjectBench(members: Self.required)
        let object = try bench.signed(["jti": "n-1"])
        // A page may be loaded again, in this browser or another: nothing came of it yet.
        let (first, second) = (
            try await Visit(bench, [.request: object]), try await Visit(bench, [.request: object])
        )
        #expect(try await first.finish()?[.code] != nil)
        let late = try #require(try await second.finish())
        #expect(late.refusal == .invalidRequestObject && late[.code] == nil && late[.state] == "inside")
        // From then on nobody is asked to sign in for it, silently or not.
        #expect(try await bench.refusal([.request: object])?.code == .invalidRequestObject)
        let more = try bench.signed(["jti": "n-1", "prompt": "none"])
        #expect(try await bench.refusal([.request: more])?.code == .invalidRequestObject)
        // Another one is another request; one without a name is as good as it was.
        #expect(try await Visit(bench, [.request: try bench.signed(["jti": "n-2"])]).finish()?[.code] != nil)
        let nameless = try bench.signed()
        for _ in 0..<2 { #expect(try await Visit(bench, [.request: nameless]).finish()?[.code] != nil) }
    }

    @Test(.spec("RFC 7519 §4.1.7"))
    func itIsRememberedAsLongAsAPageMayWaitWithIt() async throws {
        let bench = try await RequestObjectBench(members: Self.required)
        let object = try bench.signed(["jti": "n-1"])
        let (first, second) = (
            try await Visit(bench, [.request: object]), try await Visit(bench, [.request: object])
        )
        #expect(try await first.finish()?[.code] != nil)
        // The object itself is over, the page is not.
        bench.server.clock.advance(by: .seconds(1500))
        _ = try await bench.server.storage.spent.sweep(expiredBy: bench.server.clock.now, limit: 100)
        let late = try #require(try await second.finish())
        #expect(late.refusal == .invalidRequestObject && late[.code] == nil)
    }

    @Test(.spec("RFC 7519 §4.1.7"))
    func whatOthersSendMayComeAgain() async throws {
        let address: JSONObject = ["request_uris": [.string(RequestObjectBench.address)]]
        // Of those that need not sign, and what a client publishes for as many requests as it likes.
        for (members, isRemote) in [(JSONObject(), false), (Self.required.patched(with: address), true)] {
            let bench = try await RequestObjectBench(members: members)
            let object = try bench.signed(["jti": "n-1"])
            bench.documents.serve(RemoteDocument(bytes: Array(object.utf8), type: nil))
            let beside: [Parameter: String?] =
                isRemote ? [.requestURI: RequestObjectBench.address] : [.request: object]
            for _ in 0..<2 { #expect(try await Visit(bench, beside).finish()?[.code] != nil) }
        }
    }

    @Test(.spec("RFC 9101 §6.3"))
    func aBrowserCannotSayWhatIsSpent() async throws {
        let bench = try await RequestObjectBench(members: Self.required)
        let name = Parameter("martlet_request_object")
        let digest = Base64URL.encode([UInt8](repeating: 7, count: 32))
        let end = bench.server.clock.now.microseconds + 60_000_000
        for number in 0..<2 {
            let object = try bench.signed(["jti": .string("n-\(number)"), name.rawValue: .string("\(digest).\(end)")])
            let visit = try await Visit(bench, [.request: object, name: "\(digest).\(end)"])
            #expect(try await visit.finish()?[.code] != nil)
            #expect(try await bench.refusal([.request: object])?.code == .invalidRequestObject)
        }
    }

    @Test(arguments: [SignatureAlgorithm.rs256, .es384])
    func weakerAlgorithmsAreTakenOnlyWhereTheyAreRegistered(_ algorithm: SignatureAlgorithm) async throws {
        let bench = try await RequestObjectBench(algorithm, members: Self.required)
        #expect(try await bench.refusal([.request: try bench.signed()])?.code == .invalidRequestObject)
        let named = try await RequestObjectBench(
            algorithm, members: Self.required.patched(with: ["request_object_signing_alg": .string(algorithm.rawValue)])
        )
        #expect(try await named.isTaken([.request: try named.signed()]))
    }

    private static let unsigned: JSONObject = ["martlet_compatibility": ["unsigned_request_objects"]]

    @Test(.spec("A-72", "OpenID Connect Core §6.1"))
    func unsignedObjectsAreForClientsOfThatProfile() async throws {
        let bench = try await RequestObjectBench(members: Self.unsigned, hasKeys: false)
        let claims = bench.claims()
        let parts = RequestObjectBench.unsigned(claims).split(separator: ".")
        #expect(try await bench.isTaken([.request: RequestObjectBench.unsigned(claims)]))
        for type in ["JWT", "oauth-authz-req+jwt"] {
            let header = #"{"alg":"none","typ":"\#(type)"}"#
            #expect(try await bench.isTaken([.request: RequestObjectBench.unsigned(claims, header: header)]))
        }
        for object in [
            RequestObjectBench.unsigned(claims, header: #"{"alg":"none","typ":"at+jwt"}"#),
            RequestObjectBench.unsigned(claims, header: #"{"alg":"none","crit":["exp"]}"#),
            RequestObjectBench.unsigned(claims, header: #"{"alg":"NONE"}"#),
            "\(parts[0]).\(parts[1]).AAAA", RequestObjectBench.unsigned(bench.claims(["iss": "shop"])),
            RequestObjectBench.unsigned(bench.claims(["exp": 1_000])),
        ] {
            #expect(try await bench.refusal([.request: object])?.code == .invalidRequestObject)
        }
        let strict = try await RequestObjectBench()
        let refusal = try await strict.refusal([.request: RequestObjectBench.unsigned(claims)])
        #expect(refusal?.code == .invalidRequestObject)
    }

    @Test func theProfileGivesWayToWhatIsRegistered() async throws {
        let signing = Self.unsigned.patched(with: ["request_object_signing_alg": "ES256"])
        let bench = try await RequestObjectBench(members: signing)
        let object = RequestObjectBench.unsigned(bench.claims())
        #expect(try await bench.refusal([.request: object])?.code == .invalidRequestObject)
        #expect(try await bench.isTaken([.request: try bench.signed()]))
        let none = try await RequestObjectBench(
            members: Self.unsigned.patched(with: ["request_object_signing_alg": "none"]))
        #expect(try await none.isTaken([.request: object]))
        #expect(try await none.refusal([.request: try none.signed()])?.code == .invalidRequestObject)
        let must = try await RequestObjectBench(members: Self.unsigned.patched(with: Self.required))
        #expect(try await must.refusal([.request: object])?.code == .invalidRequestObject)
        #expect(try await must.isTaken([.request: try must.signed()]))
    }

    @Test(.spec("A-75", "RFC 9101 §6.3"))
    func nothingBesideTheObjectCountsForWhoMustSign() async throws {
        let merging: JSONObject = ["martlet_compatibility": ["request_merging"]]
        let bench = try await RequestObjectBench(members: merging.patched(with: Self.required))
        // What is not inside is not there: neither the client nor the scope, though both stand beside it.
        #expect(
            try await bench.refusal([.request: try bench.signed(["client_id": .null])])?.code == .invalidRequestObject)
        let bare = try bench.signed(["scope": .null])
        #expect(try await bench.decide([.request: bare, .scope: "openid"]).answer?.refusal == .invalidScope)
        #expect(try await bench.isTaken([.request: try bench.signed(), .scope: "openid email"]))
        let old = try await RequestObjectBench(members: merging)
        #expect(try await old.isTaken([.request: try old.signed(["scope": .null]), .scope: "openid"]))
    }

    @Test(.spec("R-11"))
    func whatCannotWorkIsNotRegistered() throws {
        func refusal(_ members: JSONObject) throws -> String? {
            let sound: JSONObject = [
                "redirect_uris": ["https://shop.example/a"], "jwks_uri": "https://shop.example/jwks",
            ]
            do throws(RegistrationRefusal) {
                try ClientDocument(sound.patched(with: members)).check()
                return nil
            } catch {
                return error.member
            }
        }
        #expect(
            try refusal(["require_signed_request_object": true, "jwks_uri": .null]) == "require_signed_request_object")
        #expect(try refusal(["require_signed_request_object": true]) == nil)
        let merging: JSONObject = ["martlet_compatibility": ["request_merging"]]
        #expect(try refusal(merging.patched(with: Self.required)) == "require_signed_request_object")
        #expect(try refusal(merging) == nil)
        #expect(try refusal(["request_object_encryption_alg": "RSA-OAEP"]) == "request_object_encryption_alg")
        #expect(try refusal(["request_object_encryption_alg": "ECDH-ES"]) == nil)
        #expect(try refusal(["request_object_signing_alg": "none"]) == "request_object_signing_alg")
        #expect(try refusal(["request_uris": ["http://127.0.0.1/r"]]) == "request_uris")
        #expect(try refusal(["request_uris": ["https://shop.example/r#hash"]]) == nil)
    }
}

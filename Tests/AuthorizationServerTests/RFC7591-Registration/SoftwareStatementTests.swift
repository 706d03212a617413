import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Software statements", .spec("RFC 7591 §2.3"))
struct SoftwareStatementTests {
    private let key: SigningKey
    private let policy: JSONObject

    init() throws {
        key = try SigningKey.generate(.es256)
        let keys = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes())
        policy = ["issuers": [["issuer": "https://federation.example", "jwks": keys]]]
    }

    private func bench(required: Bool = false) async throws -> RegistrationBench {
        var statements = policy
        statements["required"] = .bool(required)
        return try await RegistrationBench(["access": "open", "software_statements": .object(statements)])
    }

    private func statement(_ changes: JSONObject = [:], by other: SigningKey? = nil) throws -> JSONValue {
        let claims: JSONObject = [
            "iss": "https://federation.example", "iat": .integer(Timestamp.noon.seconds), "software_id": "4NRB1-0XZAB",
            "client_name": "Vouched",
        ]
        return .string(try JWTSigner(key: other ?? key, type: .jwt).sign(claims.patched(with: changes)))
    }

    @Test(.spec("R-14")) func itsValuesBeatThePlainOnes() async throws {
        let bench = try await bench()
        let text = try statement(["redirect_uris": ["https://vouched.example/cb"]])
        let answer = try await bench.register(
            ["software_statement": text, "client_name": "Claimed", "client_uri": "https://app.example/"])
        #expect(answer["client_name"]?.string == "Vouched" && answer["software_id"]?.string == "4NRB1-0XZAB")
        #expect(answer["redirect_uris"] == ["https://vouched.example/cb"])
        #expect(answer["client_uri"]?.string == "https://app.example/")
        // As it was presented, and nothing of the token itself.
        #expect(answer["software_statement"] == text)
        #expect(answer["iss"] == nil)
    }

    @Test(.spec("R-14", "RFC 7591 §2.2")) func whatItVouchesForItVouchesForInEveryLanguage() async throws {
        let bench = try await bench()
        let text = try statement(["client_name#fr": "Garanti", "policy_uri#fr": "https://vouched.example/fr"])
        let answer = try await bench.register([
            "software_statement": text, "client_name#de": "Your Bank", "client_name#fr": "Votre banque",
            "policy_uri": "https://app.example/", "policy_uri#de": "https://app.example/de",
            "tos_uri": "https://app.example/tos", "tos_uri#de": "https://app.example/agb",
        ])
        #expect(answer["client_name"]?.string == "Vouched" && answer["client_name#fr"]?.string == "Garanti")
        #expect(answer["client_name#de"] == nil)
        #expect(answer["policy_uri"] == nil && answer["policy_uri#de"] == nil)
        #expect(answer["policy_uri#fr"]?.string == "https://vouched.example/fr")
        // Of what it says nothing, the registrant may.
        #expect(answer["tos_uri"] != nil && answer["tos_uri#de"]?.string == "https://app.example/agb")
    }

    @Test(.spec("R-14", "RFC 7591 §3.2.2")) func aStatementThatIsBrokenIsRefused() async throws {
        let bench = try await bench()
        let broken: [JSONValue] = [
            "e30.e30.AA", 7, try statement(by: SigningKey.generate(.es256)),
            try statement(["exp": .integer(Timestamp.noon.seconds - 60)]),
            try statement(["aud": "https://other.example"]),
            try statement(["iss": .null]),
        ]
        for statement in broken {
            #expect(await bench.refusal(["software_statement": statement])?.code == .invalidSoftwareStatement)
        }
        let sound = try statement(["exp": .integer(Timestamp.noon.seconds + 60), "aud": "https://id.example"])
        #expect(await bench.refusal(["software_statement": sound]) == nil)
    }

    @Test(.spec("R-14")) func aStrangersIsNotApproved() async throws {
        let foreign = try statement(["iss": "https://elsewhere.example"])
        #expect(
            try await bench().refusal(["software_statement": foreign])?.code == .unapprovedSoftwareStatement)
        // Nobody's is, where no file says so.
        let none = try await RegistrationBench(["access": "open"])
        #expect(await none.refusal(["software_statement": try statement()])?.code == .unapprovedSoftwareStatement)
        #expect(try await bench().refusal(["software_statement": statement()]) == nil)
    }

    @Test(.spec("R-14")) func thePolicyMayDemandWhatItSays() async throws {
        let end: JSONObject = ["exp": .integer(Timestamp.noon.seconds + 60)]
        let all = end.patched(with: ["aud": "https://id.example"])
        let cases: [(JSONValue, lacking: JSONObject, sound: JSONObject)] = [
            (["exp"], [:], end), (["aud"], [:], ["aud": "https://id.example"]),
            (["software_id"], ["software_id": .null], [:]), (["exp", "aud", "software_id"], end, all), ([], [:], [:]),
        ]
        for (demands, lacking, sound) in cases {
            var statements = policy
            statements["required_claims"] = demands
            let bench = try await RegistrationBench(["access": "open", "software_statements": .object(statements)])
            let short: JSONObject = ["software_statement": try statement(lacking)]
            #expect(
                await bench.refusal(short)?.code == (demands.array?.isEmpty == true ? nil : .invalidSoftwareStatement))
            #expect(await bench.refusal(["software_statement": try statement(sound)]) == nil)
        }
        for mistake: JSONValue in ["exp", ["iat"], [1], .null] {
            var statements = policy
            statements["required_claims"] = mistake
            #expect(throws: RegistrationRefusal.self) {
                try RegistrationPolicy(["access": "open", "software_statements": .object(statements)])
            }
        }
    }

    @Test(
        .spec("R-14", "RFC 8725 §2.8"),
        arguments: [
            ["nonce": "n"], ["events": [:]], ["auth_time": 1], ["sid": "s"], ["at_hash": "h"], ["cnf": [:]],
            ["scope": "openid", "client_id": "shop"],
        ] as [JSONObject])
    func anotherTokenOfTheIssuerIsNoStatement(_ claims: JSONObject) async throws {
        let bench = try await bench()
        let other = try statement(claims)
        #expect(await bench.refusal(["software_statement": other])?.code == .invalidSoftwareStatement)
        #expect(await bench.refusal(["software_statement": try statement(["scope": "openid"])]) == nil)
    }

    @Test(.spec("R-14")) func theKeysOfAnIssuerMayBeAtAnAddress() async throws {
        let address = "https://federation.example/jwks"
        let issuers: JSONValue = [["issuer": "https://federation.example", "jwks_uri": .string(address)]]
        let bench = try await RegistrationBench(["access": "open", "software_statements": ["issuers": issuers]])
        let documents = bench.documents
        let sound: JSONObject = ["software_statement": try statement()]
        // Out of reach: nothing is taken on trust.
        #expect(await bench.refusal(sound)?.code == .invalidSoftwareStatement)
        try documents.serve([key.publicKey])
        bench.server.clock.advance(by: .seconds(11))
        #expect(await bench.refusal(sound) == nil)
        #expect(await bench.refusal(sound) == nil)
        #expect(documents.asked == [address, address], "it is kept")
        // A key that is new there is fetched, once a minute at most.
        let second = try SigningKey.generate(.es256)
        try documents.serve([key.publicKey, second.publicKey])
        let renewed: JSONObject = ["software_statement": try statement(by: second)]
        bench.server.clock.advance(by: .seconds(61))
        #expect(await bench.refusal(renewed) == nil)
        let stranger = try SigningKey.generate(.es256)
        for _ in 0..<3 {
            let foreign: JSONObject = ["software_statement": try statement(by: stranger)]
            #expect(await bench.refusal(foreign)?.code == .invalidSoftwareStatement)
        }
        #expect(documents.asked.count == 3)
    }

    @Test func thePolicyMayNeedOne() async throws {
        let bench = try await bench(required: true)
        #expect(await bench.refusal([:])?.code == .invalidSoftwareStatement)
        #expect(await bench.refusal(["software_statement": try statement()]) == nil)
        #expect(try await self.bench().refusal([:]) == nil)
    }

    @Test func whatItVouchesForIsJudgedAll() async throws {
        let bench = try await bench()
        let wide = try statement(["scope": "openid admin", "martlet_compatibility": ["pkce_optional"]])
        let answer = try await bench.register(["software_statement": wide])
        #expect(answer["scope"]?.string == "openid" && answer["martlet_compatibility"] == nil)
        let bad = try statement(["redirect_uris": ["javascript:alert(1)"]])
        #expect(await bench.refusal(["software_statement": bad])?.code == .invalidRedirectURI)
    }

    @Test(
        arguments: [
            "yes", [:], ["issuers": []], ["issuers": [["issuer": "https://a.example"]]],
            ["issuers": [["issuer": "https://a.example", "jwks": ["keys": []]]]], ["required": true],
            ["issuers": ["https://a.example"]], ["trusted": []],
            ["issuers": [["issuer": "https://a.example", "jwks_uri": "ftp://a.example"]]],
            ["issuers": [["issuer": "https://a.example", "jwks_uri": "https://a.example/", "jwks": ["keys": []]]]],
        ] as [JSONValue])
    func aFileWithAMistakeIsRefused(_ member: JSONValue) throws {
        #expect(throws: RegistrationRefusal.self) {
            try RegistrationPolicy(["access": "open", "software_statements": member])
        }
        _ = try RegistrationPolicy(["access": "open", "software_statements": .object(policy)])
    }
}

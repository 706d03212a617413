import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("What a provider's word counts for")
struct IdentityTests {
    private func identity(_ person: ScriptedPerson, _ settings: JSONObject = [:]) async throws -> UpstreamIdentity {
        let setup = try FederationSetup()
        return try await ScriptedBrowser().signIn(
            try setup.upstream(settings: settings), at: setup.provider, as: person)
    }

    @Test(arguments: [
        ("stated", true, true), ("stated", false, false), ("always", false, true), ("never", true, false),
    ])
    func anAddressIsVerifiedAsThePolicySays(_ trust: String, _ stated: Bool, _ expected: Bool) async throws {
        let identity = try await identity(
            ScriptedPerson(isVerified: stated), ["email_verified": .string(trust)])
        #expect(identity.isEmailVerified == expected)
    }

    @Test func withoutAnAddressNoneIsVerified() async throws {
        let identity = try await identity(ScriptedPerson(email: nil), ["email_verified": "always"])
        #expect(identity.email == nil && !identity.isEmailVerified)
    }

    @Test(
        arguments: [
            ("never", ["mfa"], false), ("stated", ["pwd", "mfa"], true), ("stated", ["pwd"], false),
            ("always", [], true),
        ] as [(String, [String], Bool)])
    func aSecondFactorCountsAsThePolicySays(_ trust: String, _ methods: [String], _ expected: Bool) async throws {
        var person = ScriptedPerson()
        person.claims["amr"] = .array(methods.map { .string($0) })
        let identity = try await identity(person, ["second_factor": .string(trust)])
        #expect(identity.hasSecondFactor == expected)
        #expect(identity.methods.contains(.multipleFactors) == expected)
    }

    // A word that would spare a factor here, or claim one to clients, comes from believed providers alone.
    @Test(arguments: [("never", [AuthenticationMethod.password]), ("always", [.password, .multipleChannels])])
    func methodsOfAProviderThatIsNotBelievedAreDropped(
        _ trust: String, _ expected: [AuthenticationMethod]
    ) async throws {
        var person = ScriptedPerson()
        person.claims["amr"] = ["pwd", "mca"]
        let identity = try await identity(person, ["second_factor": .string(trust)])
        #expect(identity.methods.filter { $0 != .multipleFactors } == expected)
    }

    // RFC 8176: any key there, while here the word is for passkeys of this site, and makes `acr` what it is.
    @Test(.spec("RFC 8176 §2"), arguments: ["stated", "always", "never"])
    func aKeyThereIsNoPasskeyHere(_ trust: String) async throws {
        var person = ScriptedPerson()
        person.claims["amr"] = ["mfa", "pop"]
        let identity = try await identity(person, ["second_factor": .string(trust)])
        #expect(identity.hasSecondFactor == (trust != "never"))
        #expect(identity.methods == (trust == "never" ? [] : [.multipleFactors]))
        #expect(AuthenticationContext(identity.methods) == (trust == "never" ? .password : .multipleFactors))
    }

    @Test func aContextOfTheProviderMayMeanASecondFactor() async throws {
        var person = ScriptedPerson()
        person.claims["acr"] = "gold"
        let settings: JSONObject = ["second_factor": "stated", "second_factor_acr": ["gold"]]
        #expect(try await identity(person, settings).hasSecondFactor)
        person.claims["acr"] = "silver"
        #expect(try await !identity(person, settings).hasSecondFactor)
    }

    @Test func claimsMayStandElsewhere() async throws {
        let person = ScriptedPerson(claims: [
            "sub": "1", "id": 4711, "contact": ["mail": "Ada@Example.org"], "ok": 1, "full": "Ada",
        ])
        let identity = try await identity(
            person,
            [
                "claims": [
                    "subject": "id", "email": "contact.mail", "email_verified": "ok", "name": "full",
                ]
            ])
        #expect(identity.subject == "4711" && identity.email?.rawValue == "ada@example.org")
        #expect(identity.isEmailVerified && identity.name == "Ada")
    }

    @Test func aNameIsCutToWhatAnAccountMayHave() async throws {
        let identity = try await identity(ScriptedPerson(name: "A\u{0}d\na" + String(repeating: "x", count: 300)))
        #expect(identity.name?.hasPrefix("Adax") == true && identity.name?.unicodeScalars.count == 200)
    }

    @Test func whoIsOfAnotherOrganizationIsRefused() async throws {
        var person = ScriptedPerson()
        person.claims["hd"] = "example.org"
        _ = try await identity(person, ["require": ["hd": "example.org"]])
        for other in ["example.com", "example.org.evil.example"] as [JSONValue] {
            person.claims["hd"] = other
            let refused = person
            await #expect(throws: UpstreamFault.untrusted(.otherTenant)) {
                try await identity(refused, ["require": ["hd": "example.org"]])
            }
        }
    }
}

@Suite("Groups of a provider")
struct UpstreamGroupTests {
    private func groups(_ settings: JSONObject, _ claim: JSONValue?) async throws -> [String]? {
        let setup = try FederationSetup()
        let upstream = try setup.upstream(settings: settings)
        var person = ScriptedPerson()
        person.claims["realm"] = claim.map { .object(["groups": $0]) }
        person.profile = person.claims
        return try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person).groups
    }

    @Test func countOnlyWhereTheConnectorSaysSo() async throws {
        #expect(try await groups([:], ["staff"]) == nil)
        #expect(try await groups(["claims": ["groups": "realm.groups"]], ["staff", "staff", 5]) == ["login:staff"])
        #expect(try await groups(["claims": ["groups": "realm.groups"]], "staff") == ["login:staff"])
        // Nobody is in a group of which nothing is said any more.
        #expect(try await groups(["claims": ["groups": "realm.groups"]], nil) == [])
    }

    @Test func countByTheNamesThatTheyHaveHere() async throws {
        let settings: JSONObject = ["claims": ["groups": "realm.groups"], "group_names": ["/eng": "engineers"]]
        #expect(try await groups(settings, ["admin", "/eng"]) == ["engineers"])
    }
}

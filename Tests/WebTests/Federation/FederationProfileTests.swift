import AuthorizationServer
import FederationTesting
import Identity
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import Web

@Suite("What connectors say of people")
struct FederationProfileTests {
    private static let provider: JSONObject = ["profile": "provider"]
    private static let grace = "grace@example.org"

    private func person(_ claims: JSONObject, _ subject: String = "g-1", _ email: String = grace) -> ScriptedPerson {
        var all: JSONObject = ["sub": .string(subject), "email": .string(email), "email_verified": true]
        for member in claims { all[member.name] = member.value }
        return ScriptedPerson(claims: all)
    }

    private func account(_ site: FederationSite, _ email: String = grace) async throws -> User {
        let address = try #require(Email(email))
        return try #require(try await site.test.environment.storage.users.find(address))
    }

    private func details(_ site: FederationSite) async throws -> [ProfileDetails.Field: String] {
        try await site.test.environment.storage.profiles.find(account(site).id)?.values ?? [:]
    }

    private func groups(_ site: FederationSite, _ email: String = grace) async throws -> [String] {
        try await site.test.environment.storage.memberships.find(account(site, email).id)
            .map { "\($0.kind) \($0.name) \($0.source)" }
    }

    // MARK: Groups

    @Test func groupsComeWithEachSignInAndGoWithIt() async throws {
        let site = try await FederationSite([
            "claims": ["groups": "groups"], "group_names": ["Dev Team": "developers", "Ops": "operators"],
        ])
        _ = try await site.signIn(TestBrowser(site.test), as: person(["groups": ["Dev Team", "Unnamed", "Ops"]]))
        #expect(try await groups(site) == ["group developers login", "group operators login"])
        _ = try await site.signIn(TestBrowser(site.test), as: person(["groups": "Ops"]))
        #expect(try await groups(site) == ["group operators login"])
        // Who is in none is told of none.
        _ = try await site.signIn(TestBrowser(site.test), as: person([:]))
        #expect(try await groups(site) == [])
        let events = try await site.test.environment.storage.audit.find(AuditSearch(), limit: 99)
        #expect(events.count { $0.action == "membership_added" } == 1)
        #expect(events.count { $0.action == "membership_removed" } == 2)
    }

    // Whoever may make groups at the provider must not get what the operator gives to a group of that name.
    @Test func aGroupThatTheMappingDoesNotNameIsNoneOfOurs() async throws {
        let site = try await FederationSite(["claims": ["groups": "groups"]])
        _ = try await site.signIn(TestBrowser(site.test), as: person(["groups": ["admins"]]))
        let name = try #require(MembershipName("admins"))
        let store = site.test.environment.storage.memberships
        #expect(try await groups(site) == ["group login:admins login"])
        #expect(try await store.people(in: .group, name, after: nil, limit: 9) == [])
        #expect(try await store.people(in: .role, name, after: nil, limit: 9) == [])
    }

    @Test func whatOthersSayStays() async throws {
        let mapping: JSONObject = ["claims": ["groups": "groups"], "group_names": ["g": "staff"]]
        let site = try await FederationSite(mapping, other: mapping)
        _ = try await site.signIn(TestBrowser(site.test), as: person(["groups": ["g"]]))
        let store = site.test.environment.storage.memberships
        let id = try await account(site).id
        let staff = try #require(MembershipName("staff"))
        #expect(try await store.add(Membership(.group, staff), to: id))
        #expect(try await store.add(Membership(.role, staff), to: id))
        #expect(try await store.add(Membership(.group, staff, from: "other"), to: id))
        _ = try await site.signIn(TestBrowser(site.test), as: person([:]))
        #expect(try await groups(site) == ["group staff ", "group staff other", "role staff "])
    }

    @Test func linkingBringsGroupsAndUnlinkingTakesThem() async throws {
        let site = try await FederationSite(["claims": ["groups": "groups"]])
        let browser = TestBrowser(site.test)
        let page = try await site.signIn(browser, as: person(["groups": ["g"]], "ada", TestSite.email))
        #expect(try await groups(site, TestSite.email) == [], "nothing is proven yet")
        _ = await browser.follow(
            await browser.submit(page, ["email": TestSite.email, "password": TestSite.password]))
        #expect(try await groups(site, TestSite.email) == ["group login:g login"])
        let removal = try await site.test.environment.storage.links.unlink(
            ConnectorID(rawValue: "login"), subject: "ada", of: site.test.user.id)
        #expect(removal == .removed)
        #expect(try await groups(site, TestSite.email) == [])
    }

    // MARK: Profiles

    @Test func everyStandardClaimThatCanBeKeptComes() async throws {
        let site = try await FederationSite(Self.provider)
        _ = try await site.signIn(
            TestBrowser(site.test),
            as: person([
                "given_name": "Grace", "family_name": "Hopper", "middle_name": "Brewster", "nickname": " Amazing ",
                "preferred_username": "grace", "profile": "https://there.example/grace",
                "picture": "javascript:alert(1)", "website": "https://grace.example", "gender": "female",
                "birthdate": "1906-12-09", "zoneinfo": "America/New_York", "locale": "en-US",
                "phone_number": "+1 (555) 555-0123", "phone_number_verified": true,
                "address": ["street_address": "1 Main St\nFlat 2", "locality": "Arlington", "country": "USA"],
            ]))
        let told = try await details(site)
        #expect(
            told == [
                .givenName: "Grace", .familyName: "Hopper", .middleName: "Brewster", .nickname: "Amazing",
                .preferredUsername: "grace", .profile: "https://there.example/grace",
                .website: "https://grace.example", .gender: "female", .birthdate: "1906-12-09",
                .zoneinfo: "America/New_York", .locale: "en-US", .phoneNumber: "+15555550123",
                .streetAddress: "1 Main St\nFlat 2", .locality: "Arlington", .country: "USA",
            ])
        #expect(try await account(site).name == "Grace Hopper")
    }

    @Test func eachSignInRefreshesWhatNobodyChangedHere() async throws {
        let site = try await FederationSite(Self.provider)
        let first = person(["name": "Grace", "nickname": "G", "locale": "en", "website": "https://one.example"])
        _ = try await site.signIn(TestBrowser(site.test), as: first)
        let profiles = site.test.environment.storage.profiles
        let id = try await account(site).id
        // The nickname as it was, of their own will; the website they took out.
        try await profiles.note(
            edits: [.detail(.nickname): "G", .detail(.website): ""], of: id, at: site.test.clock.now)
        var own = try await details(site)
        own[.website] = nil
        #expect(try await profiles.replace(ProfileDetails(of: id, own), at: site.test.clock.now))
        let second = person(["name": "Grace H.", "nickname": "GG", "locale": "de", "website": "https://two.example"])
        _ = try await site.signIn(TestBrowser(site.test), as: second)
        #expect(try await details(site) == [.nickname: "G", .locale: "de"])
        #expect(try await account(site).name == "Grace H.")
        // What the provider tells no more goes, but for a name.
        _ = try await site.signIn(TestBrowser(site.test), as: person([:]))
        #expect(try await details(site) == [.nickname: "G"])
        #expect(try await account(site).name == "Grace H.")
    }

    @Test func thePageOfTheProfileKeepsItsOwn() async throws {
        let site = try await FederationSite(["profile": "provider", "may_link": true])
        let browser = TestBrowser(site.test)
        let told: JSONObject = ["nickname": "there", "gender": "female"]
        _ = await browser.follow(
            await browser.submit(
                try await site.signIn(browser, as: person(told, "ada", TestSite.email)),
                ["email": TestSite.email, "password": TestSite.password]))
        let store = site.test.environment.storage.profiles
        #expect(try await store.find(site.test.user.id)?.values == [.nickname: "there", .gender: "female"])
        let page = await browser.follow("/account/profile")
        _ = await browser.submit(page, ["nickname": "mine", "gender": ""])
        _ = try await site.signIn(TestBrowser(site.test), as: person(told, "ada", TestSite.email))
        #expect(try await store.find(site.test.user.id)?.values == [.nickname: "mine"])
    }

    @Test func anAccountThatKeepsItsOwnIsToldOnce() async throws {
        let site = try await FederationSite()
        _ = try await site.signIn(TestBrowser(site.test), as: person(["nickname": "one"]))
        _ = try await site.signIn(TestBrowser(site.test), as: person(["nickname": "two"]))
        #expect(try await details(site) == [.nickname: "one"])
    }

    @Test func theFirstInOrderIsBelieved() async throws {
        let site = try await FederationSite(Self.provider, other: Self.provider)
        // The second tells first.
        _ = try await site.signIn(
            TestBrowser(site.test), as: person(["nickname": "other", "gender": "x"], "o"), by: "other")
        let user = try await account(site)
        let link = LinkedIdentity(
            connector: ConnectorID(rawValue: "login"), subject: "l", userID: user.id, email: nil, name: nil,
            linkedAt: site.test.clock.now, lastUsedAt: nil)
        #expect(try await site.test.environment.storage.links.link(link) == .linked)
        _ = try await site.signIn(TestBrowser(site.test), as: person(["nickname": "first"], "l"))
        #expect(try await details(site) == [.nickname: "first", .gender: "x"])
        _ = try await site.signIn(
            TestBrowser(site.test), as: person(["nickname": "again", "gender": "y"], "o"), by: "other")
        #expect(try await details(site) == [.nickname: "first", .gender: "y"])
        // Who says nothing of a member leaves it to the next.
        _ = try await site.signIn(TestBrowser(site.test), as: person([:], "l"))
        #expect(try await details(site) == [.nickname: "again", .gender: "y"])
    }
}

import MartletTesting
import OAuthTypes
import Testing

@Suite("Words of the protocol")
struct WordsTests {
    @Test(.spec("RFC 6749 A.1"), arguments: ["a", "shop 1~", "U_x", String(repeating: "c", count: 255), "a:b%+\"\\"])
    func takesClientIdentifiersOfTheGrammar(_ text: String) {
        #expect(ClientID(text)?.rawValue == text)
    }

    @Test(
        .spec("RFC 6749 A.1"),
        arguments: ["", String(repeating: "c", count: 256), "caf\u{E9}", "a\nb", "a\0", "a\u{7F}"])
    func refusesClientIdentifiersOutsideTheGrammar(_ text: String) {
        #expect(ClientID(text) == nil)
    }

    @Test(.spec("RFC 9700 §4.15", "T-32"), arguments: ["u_", "u_zoe", "u_7Zk2AAAA"])
    func keepsTheNamesOfPeopleOutOfThoseOfClients(_ text: String) {
        #expect(ClientID(text) == nil)
    }

    @Test(
        .spec("OpenID EAP ACR Values §3"),
        arguments: [
            ([.password], .password), ([.password, .oneTimePassword, .multipleFactors], .multipleFactors),
            ([.proofOfPossession, .multipleFactors], .phishingResistant),
            ([.password, .proofOfPossession, .multipleFactors], .phishingResistant), ([], .password),
        ] as [([AuthenticationMethod], AuthenticationContext)])
    func saysHowStrongASignInWas(_ methods: [AuthenticationMethod], _ context: AuthenticationContext) {
        #expect(AuthenticationContext(methods) == context)
    }

    @Test func takesIdentifiersForEqualByTheirBytes() {
        #expect(GrantID(rawValue: "K") == GrantID(rawValue: "K"))
        #expect(GrantID(rawValue: "\u{212A}") != GrantID(rawValue: "K"))
        #expect(Set([GrantID(rawValue: "\u{212A}"), GrantID(rawValue: "K")]).count == 2)
    }

    @Test(
        .spec("RFC 7636 §4.2", "A-62"),
        arguments: [
            "", String(repeating: "a", count: 42), String(repeating: "a", count: 44),
            String(repeating: "a", count: 42) + "=",
            String(repeating: "a", count: 42) + "+", String(repeating: "a", count: 42) + "/",
            String(repeating: "a", count: 42) + "\u{212A}",
            String(repeating: "a", count: 42) + " ",
        ])
    func refusesChallengesOutsideTheGrammar(_ text: String) {
        #expect(CodeChallenge(text) == nil)
        #expect(CodeChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM") != nil)
    }

    @Test(.spec("RFC 6749 §5.2", "A-16"), arguments: OAuthError.Code.allCases)
    func spellsEveryErrorInTheSetOfTheSpecification(_ code: OAuthError.Code) {
        #expect(code.rawValue.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) })
    }
}

@Suite("Scopes", .spec("RFC 6749 §3.3", "A-07"))
struct ScopeTests {
    @Test func meansTheSameInAnyOrderAndRepeated() throws {
        let one = try #require(ScopeSet(parsing: "openid profile"))
        let other = try #require(ScopeSet(parsing: " profile  openid profile "))
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(other.description == "profile openid")
        #expect(one != ScopeSet(parsing: "openid"))
        #expect(one != ScopeSet(parsing: "openid profile email"))
    }

    @Test(arguments: [
        "a\"b", "a\\b", "caf\u{E9}", "a\tb", "a\nb", "a\0b", "\u{7F}", String(repeating: "a", count: 129),
    ])
    func refusesWordsOutsideTheGrammar(_ text: String) {
        #expect(ScopeSet(parsing: "openid " + text) == nil)
        #expect(ScopeSet(parsing: "openid !#[]~") != nil)
    }

    @Test(.spec("CVE-2026-4634"))
    func refusesMoreThanItCounts() {
        let words = (0..<ScopeSet.limit).map { "s\($0)" }
        #expect(ScopeSet(parsing: words.joined(separator: " "))?.count == ScopeSet.limit)
        #expect(ScopeSet(parsing: (words + ["more"]).joined(separator: " ")) == nil)
        #expect(ScopeSet(parsing: String(repeating: "a ", count: 1_000_000)) == nil)
    }

    @Test func countsLikeASet() {
        let one: ScopeSet = [.openid, .profile]
        let other: ScopeSet = [.profile, .email]
        #expect(one.union(other) == [.openid, .profile, .email])
        #expect(one.intersection(other) == [.profile])
        #expect(one.subtracting(other) == [.openid])
        #expect(!one.isSubset(of: other))
        #expect(one.intersection(other).isSubset(of: other))
    }
}

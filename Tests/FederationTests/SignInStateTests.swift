import FederationTesting
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("What comes back from a provider counts once, in one browser, for one connector")
struct SignInStateTests {
    private func fault(_ body: () async throws -> some Sendable) async -> UpstreamFault? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error as? UpstreamFault
        }
    }

    @Test(.spec("RFC 6749 §10.12"))
    func anotherBrowserIsRefused() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let (mine, theirs) = (ScriptedBrowser(1), ScriptedBrowser(2))
        let answer = try await mine.visit(upstream, at: setup.provider)
        #expect(await fault { try await theirs.finish(answer, at: upstream) } == .foreignAnswer(.otherBrowser))
        // Whoever tries spends nothing of it.
        #expect(try await mine.finish(answer, at: upstream).subject == "ada")
    }

    @Test func aReplayIsRefused() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let answer = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        _ = try await ScriptedBrowser().finish(answer, at: upstream)
        let again = await fault { try await ScriptedBrowser().finish(answer, at: upstream) }
        #expect(again == .foreignAnswer(.replayedState))
        _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
    }

    @Test func ofManyAtOnceOneCounts() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let answer = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        let outcomes = try await concurrently(8) {
            (try? await ScriptedBrowser().finish(answer, at: upstream)) != nil
        }
        #expect(outcomes.count { $0 } == 1)
    }

    @Test func itIsOverAfterAWhile() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let answer = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        setup.clock.advance(by: SignInState.lifetime - .microseconds(1))
        _ = try upstream.state(of: answer, in: ScriptedBrowser().digest)
        setup.clock.advance(by: .microseconds(1))
        let late = await fault { try await ScriptedBrowser().finish(answer, at: upstream) }
        #expect(late == .foreignAnswer(.expiredState))
    }

    // Two browsers with one provider: each has a code of its own, and each code belongs to the challenge of its state.
    @Test(.spec("RFC 7636 §4.6"))
    func aCodeOfAnotherBrowserIsWorthNothing() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let (mine, theirs) = (ScriptedBrowser(1), ScriptedBrowser(2))
        let there = try await theirs.visit(upstream, at: setup.provider, as: ScriptedPerson("mallory"))
        let here = try await mine.visit(upstream, at: setup.provider)
        let swapped = try ScriptedBrowser.answer(
            ScriptedUpstream.encode([
                ("code", there.form[Parameter("code")] ?? ""), ("state", here.form[Parameter("state")] ?? ""),
                ("iss", setup.provider.issuer),
            ]))
        #expect(await fault { try await mine.finish(swapped, at: upstream) } == .foreignAnswer(.refusedCode))
        #expect(try await theirs.finish(there, at: upstream).subject == "mallory")
    }

    // Where a provider takes no challenge, the nonce alone ties a code to its browser.
    @Test(.spec("OpenID Connect Core §15.5.2"))
    func withoutAChallengeTheNonceTellsThemApart() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream(settings: ["pkce": false])
        let (mine, theirs) = (ScriptedBrowser(1), ScriptedBrowser(2))
        let there = try await theirs.visit(upstream, at: setup.provider, as: ScriptedPerson("mallory"))
        let here = try await mine.visit(upstream, at: setup.provider)
        let swapped = try ScriptedBrowser.answer(
            ScriptedUpstream.encode([
                ("code", there.form[Parameter("code")] ?? ""), ("state", here.form[Parameter("state")] ?? ""),
                ("iss", setup.provider.issuer),
            ]))
        #expect(await fault { try await mine.finish(swapped, at: upstream) } == .untrusted(.wrongNonce))
        #expect(try await mine.signIn(upstream, at: setup.provider).subject == "ada")
    }

    @Test(.spec("RFC 9700 §4.4.2"))
    func theAnswerOfOneConnectorIsNothingToAnother() async throws {
        let setup = try FederationSetup()
        let (first, second) = (try setup.upstream("one"), try setup.upstream("two"))
        #expect(first.redirectURI == "https://id.example/federation/one/callback")
        #expect(second.redirectURI == "https://id.example/federation/two/callback")
        let answer = try await ScriptedBrowser().visit(first, at: setup.provider)
        #expect(await fault { try await ScriptedBrowser().finish(answer, at: second) } == .foreignAnswer(.unknownState))
        #expect(try await ScriptedBrowser().finish(answer, at: first).connector == first.connector.id)
    }

    @Test(.spec("RFC 9207 §2.4"))
    func theIssuerOfTheAnswerMustBeTheProviders() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        func answer(_ issuer: String?) async throws -> Upstream.Answer {
            let answer = try await ScriptedBrowser().visit(upstream, at: setup.provider)
            let fields = [
                ("code", answer.form[Parameter("code")] ?? ""), ("state", answer.form[Parameter("state")] ?? ""),
            ]
            return try ScriptedBrowser.answer(
                ScriptedUpstream.encode(fields + (issuer.map { [("iss", $0)] } ?? [])))
        }
        let wrong = try await answer("https://evil.example")
        #expect(await fault { try await ScriptedBrowser().finish(wrong, at: upstream) } == .foreignAnswer(.wrongIssuer))
        let none = try await answer(nil)
        #expect(
            await fault { try await ScriptedBrowser().finish(none, at: upstream) } == .foreignAnswer(.missingIssuer))
        _ = try await ScriptedBrowser().finish(try await answer(setup.provider.issuer), at: upstream)
        // Whoever does not announce it may leave it out.
        setup.provider.announce(["authorization_response_iss_parameter_supported": false])
        setup.clock.advance(by: .seconds(7200))
        _ = try await ScriptedBrowser().finish(try await answer(nil), at: upstream)
    }

    @Test(arguments: [
        "", "x", String(repeating: "A", count: 5000), "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func aStateThatIsNotOursIsRefused(_ text: String) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let answer = try ScriptedBrowser.answer("code=c&state=\(text)&iss=x")
        #expect(
            await fault { try await ScriptedBrowser().finish(answer, at: upstream) } == .foreignAnswer(.unknownState))
        _ = try await ScriptedBrowser().signIn(upstream, at: setup.provider)
    }

    @Test func everyTurnedBitOfAStateIsRefused() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let good = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        let bytes = try #require(Base64URL.decode(good.form[Parameter("state")] ?? ""))
        for place in stride(from: 0, to: bytes.count, by: 7) {
            var turned = bytes
            turned[place] ^= 1
            let answer = try ScriptedBrowser.answer("code=c&state=\(Base64URL.encode(turned))")
            #expect(throws: UpstreamFault.foreignAnswer(.unknownState)) {
                try upstream.state(of: answer, in: ScriptedBrowser().digest)
            }
        }
        _ = try upstream.state(of: good, in: ScriptedBrowser().digest)
    }

    @Test(arguments: [
        ("access_denied", UpstreamFault.declined), ("user_cancelled_login", .declined),
        ("temporarily_unavailable", .unavailable(.serverError)), ("invalid_scope", .misconfigured(.refusedScope)),
        ("whatever", .misconfigured(.refusedRequest)),
    ])
    func anErrorOfTheProviderIsToldApart(_ error: String, _ expected: UpstreamFault) async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let good = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        let answer = try ScriptedBrowser.answer(
            ScriptedUpstream.encode([
                ("error", error), ("state", good.form[Parameter("state")] ?? ""), ("iss", setup.provider.issuer),
            ]))
        #expect(await fault { try await ScriptedBrowser().finish(answer, at: upstream) } == expected)
        // A refusal of somebody else's making spends nothing.
        _ = try await ScriptedBrowser().finish(good, at: upstream)
    }

    @Test func aParameterThatComesTwiceIsRefused() async throws {
        let setup = try FederationSetup()
        let upstream = try setup.upstream()
        let good = try await ScriptedBrowser().visit(upstream, at: setup.provider)
        let state = good.form[Parameter("state")] ?? ""
        let answer = try ScriptedBrowser.answer("code=a&code=b&state=\(state)")
        #expect(
            await fault { try await ScriptedBrowser().finish(answer, at: upstream) } == .foreignAnswer(.malformedAnswer)
        )
    }
}

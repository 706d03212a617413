import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Whose cookie a session's secret is")
struct SessionAudienceTests {
    @Test func aSecretOpensNothingElsewhere() async throws {
        let storage = Storage.inMemory()
        let clock = TestClock()
        let zoe = User.withNothingOptional()
        #expect(try await storage.users.insert(zoe))
        let sessions = Sessions(storage.sessions, clock: clock, random: SystemRandom(), lifetime: .seconds(3600))
        let (one, two) = (SessionAudience.client(ClientID("one")!), SessionAudience.client(ClientID("two")!))
        for audience in [SessionAudience.pages, one, two] {
            let (secret, session) = try await sessions.start(
                for: zoe.id, by: [.password], provenAt: clock.now, replacing: nil, on: .unknown,
                known: audience)
            for other in [SessionAudience.pages, one, two] {
                #expect(try await sessions.find(secret, by: other) == (other == audience ? session : nil))
            }
            let renewed = try #require(try await sessions.renew(session, adding: [], known: audience)).secret
            #expect(try await sessions.find(secret, by: audience) == nil)
            #expect(try await sessions.find(renewed, by: audience)?.id == session.id)
        }
    }
}

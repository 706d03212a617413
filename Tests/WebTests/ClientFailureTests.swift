import HTTP
import JOSE
import JSON
import MartletTesting
import Testing

@Suite("Whoever guesses at the secret of a client is slowed down", .serialized)
struct ClientFailureTests {
    private static let fields = ["grant_type": "client_credentials"]
    private static let wrong = Proof.header("Basic " + Base64.encode(Array("shop:wrong".utf8)))

    @Test("C-10: after so many wrong secrets none is looked at from that network, and after a while again")
    func wrongSecretsAreLimited() async throws {
        let test = try await TestSite()
        for _ in 0..<60 { #expect(await test.token(Self.fields, proof: Self.wrong).status == 401) }
        let refused = await test.token(Self.fields, proof: Self.wrong)
        #expect(refused.status == 429 && refused.json["error"]?.string == "temporarily_unavailable")
        let wait = try #require(refused.response.headers["Retry-After"].flatMap { Int64($0) })
        #expect((1...60).contains(wait))
        // Nobody learns whether the next guess would have been right.
        #expect(await test.token(Self.fields).status == 429)
        test.clock.advance(by: .seconds(wait))
        #expect(await test.token(Self.fields).status == 200)
    }

    @Test func othersAndOtherClientsAreNotMet() async throws {
        let test = try await TestSite()
        for _ in 0..<61 { _ = await test.token(Self.fields, proof: Self.wrong) }
        let other = Proof.header("Basic " + Base64.encode(Array("other:wrong".utf8)))
        #expect(await test.token(Self.fields, proof: other).status == 401)
        // What cannot be guessed is not counted: a client without a secret gets the same refusal as ever.
        #expect(
            await test.token(["grant_type": "client_credentials", "client_id": "shop"], proof: .none).status == 401)
    }

    @Test func rightSecretsAreNotCounted() async throws {
        let test = try await TestSite()
        for _ in 0..<100 { #expect(await test.token(Self.fields).status == 200) }
    }

    @Test("a neighbour keeps nobody out who has shown the right secret")
    func neighboursDoNotCount() async throws {
        let test = try await TestSite()
        let own = try #require(PeerAddress("192.0.2.7")), neighbour = try #require(PeerAddress("192.0.2.8"))
        #expect(await test.token(Self.fields, from: own).status == 200)
        for _ in 0..<61 { _ = await test.token(Self.fields, proof: Self.wrong, from: neighbour) }
        #expect(await test.token(Self.fields, from: neighbour).status == 429)
        #expect(await test.token(Self.fields, from: own).status == 200)
        // Nor may the proven one guess for ever.
        for _ in 0..<60 { #expect(await test.token(Self.fields, proof: Self.wrong, from: own).status == 401) }
        #expect(await test.token(Self.fields, from: own).status == 429)
    }
}

import AuthorizationServer
import JOSE
import OAuthTypes
import Stores
import Testing

@testable import Martlet

@Suite("Registering a client")
struct ClientRegistrationTests {
    private func register(_ line: String, secret: String? = nil) throws -> (client: Client, secret: String?) {
        let words = line.split(separator: " ").map(String.init)
        let arguments = try Arguments(words, for: ClientAddCommand.usage)
        return try ClientRegistration(arguments).client(
            secret: secret,
            at: Timestamp(seconds: 1_700_000_000),
            random: SystemRandom()
        )
    }

    @Test func whatIsNotSaidIsSensible() throws {
        let (web, secret) = try register("--id shop --redirect-uri https://shop.example/cb")
        #expect(web.grantTypes == [.authorizationCode])
        #expect(web.scopes == [.openid, .profile, .email])
        #expect(web.authenticationMethods == [.clientSecretBasic, .clientSecretPost])
        #expect(web.name == "shop")
        #expect(web.party == .third)
        #expect(web.secretDigest == TokenDigest(of: try #require(secret)))

        let (service, _) = try register("")
        #expect(service.grantTypes == [.clientCredentials])
        #expect(service.scopes.isEmpty)
        #expect(service.id.rawValue.hasPrefix("c_"))

        let (refreshing, _) = try register(
            "--redirect-uri https://a.example/ --grant authorization_code --grant refresh_token"
        )
        #expect(refreshing.scopes == [.openid, .profile, .email, .offlineAccess])

        let (native, none) = try register("--public --first-party --redirect-uri com.example.app:/cb")
        #expect(native.isPublic && none == nil)
        #expect(native.authenticationMethods == [.none])
        #expect(native.party == .first)
    }

    @Test func aClientThatSignsPeopleInItselfIsOfTheOperatorsOwn() throws {
        let (phone, _) = try register("--public --own-sign-in tokens --redirect-uri com.example.app:/cb")
        #expect(phone.ownSignIn == .tokens && phone.party == .first)
        let (page, _) = try register("--public --own-sign-in cookies --redirect-uri https://app.example/cb")
        #expect(page.ownSignIn == .cookies && page.party == .first)
        let (service, _) = try register("--own-sign-in tokens --redirect-uri https://app.example/cb")
        #expect(service.ownSignIn == .tokens && !service.isPublic)
        let (other, _) = try register("--public --first-party --redirect-uri https://app.example/cb")
        #expect(other.ownSignIn == .none)
        for line in [
            "--own-sign-in cookies --redirect-uri https://app.example/cb",
            "--public --own-sign-in both --redirect-uri https://app.example/cb",
            "--own-sign-in tokens --auth-method client_secret_post --redirect-uri https://app.example/cb",
        ] {
            #expect(throws: UsageError.self, "\(line)") { try register(line) }
        }
        for line in ["--own-sign-in tokens", "--public --own-sign-in cookies --redirect-uri com.example.app:/cb"] {
            #expect(throws: CommandFailure.self, "\(line)") { try register(line) }
        }
    }

    @Test func scopesComeOneByOneAndInLists() throws {
        let arguments = try Arguments(
            ["--scope", "openid read:orders", "--scope", "email", "--scope", "openid"],
            for: ClientAddCommand.usage
        )
        let client = try ClientRegistration(arguments).client(
            secret: nil,
            at: Timestamp(seconds: 0),
            random: SystemRandom()
        ).client
        #expect(client.scopes.map(\.rawValue) == ["openid", "read:orders", "email"])
    }

    @Test(arguments: [
        "--redirect-uri http://shop.example/cb",
        "--redirect-uri https://shop.example/cb#fragment",
        "--redirect-uri javascript:alert(1)",
        "--redirect-uri https://*.example/cb",
        "--redirect-uri https://shop.example/cb --post-logout-redirect-uri shop",
        "--id u_ada",
        "--id \u{e9}",
        "--scope a\"b",
        "--name \u{1b}[31m",
        "--public",
        "--grant authorization_code",
        "--grant refresh_token",
        "--redirect-uri https://shop.example/cb --grant refresh_token",
        "--public --redirect-uri https://shop.example/cb --grant client_credentials",
    ])
    func unfitDataEndsWithItsStatus(_ line: String) throws {
        let failure = #expect(throws: CommandFailure.self) { try register(line) }
        #expect(failure?.status == .badData)
        #expect(failure?.sentence.contains("\u{1b}") == false)
        _ = try register("--redirect-uri https://shop.example/cb --id shop --name Shop --scope a:b")
    }

    @Test func aSecretFromElsewhereMustBeStrong() throws {
        let strong = "q8Jd0sVbX3mPz7LkYw2RtN5cHf9Ga1Eu"
        let failure = #expect(throws: CommandFailure.self) { try register("--id shop", secret: "password") }
        #expect(failure?.status == .badData)
        let (client, secret) = try register("--id shop", secret: strong)
        #expect(secret == strong)
        #expect(client.secretDigest == TokenDigest(of: strong))
    }
}

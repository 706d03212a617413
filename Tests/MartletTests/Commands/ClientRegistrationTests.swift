import AuthorizationServer
import Foundation
import JOSE
import JSON
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

    /// The same with members of a file and of `--set`.
    private func register(_ words: [String], members: String) throws -> (client: Client, secret: String?) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("metadata-\(UUID().uuidString).json")
        try Data(members.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let arguments = try Arguments(words + ["--metadata", file.path], for: ClientAddCommand.usage)
        return try ClientRegistration(arguments).client(
            document: MetadataPatch(arguments).document(), signing: [.es256, .rs256], secret: nil,
            at: Timestamp(seconds: 1_700_000_000), random: SystemRandom())
    }

    @Test func aDocumentSaysWhatNoOptionSays() throws {
        let members = """
            {"client_name": "Shop", "client_name#de": "Laden", "redirect_uris": ["https://shop.example/cb"],
             "grant_types": ["authorization_code", "refresh_token"], "scope": "openid orders",
             "token_endpoint_auth_method": "client_secret_post", "id_token_signed_response_alg": "ES256"}
            """
        let (client, secret) = try register(
            [
                "--id", "shop", "--scope", "openid", "--set", "id_token_signed_response_alg=RS256", "--set",
                "contacts=[\"it\"]",
            ],
            members: members)
        #expect(client.name == "Shop" && client.metadata.clientName.best(for: "de")?.rawValue == "Laden")
        #expect(client.redirectURIs.map(\.rawValue) == ["https://shop.example/cb"])
        #expect(client.grantTypes == [.authorizationCode, .refreshToken])
        #expect(client.scopes == [.openid])
        #expect(client.authenticationMethods == [.clientSecretPost] && secret != nil)
        #expect(client.metadata.idTokenSignedResponseAlg == .rs256)
        #expect(client.metadata.contacts.map(\.rawValue) == ["it"])

        let (open, none) = try register(
            ["--id", "app"],
            members: #"{"redirect_uris": ["https://app.example/"], "token_endpoint_auth_method": "none"}"#)
        #expect(open.isPublic && none == nil)
    }

    @Test(arguments: [
        "[]", "{", #"{"a": 1, "a": 2}"#, #"{"redirect_uris": ["http://shop.example/"]}"#,
        #"{"redirect_uris": ["https://shop.example/"], "id_token_signed_response_alg": "PS512"}"#,
        #"{"redirect_uris": ["https://shop.example/"], "response_types": ["code id_token"]}"#,
    ])
    func anUnfitDocumentEndsWithItsStatus(_ members: String) throws {
        let failure = #expect(throws: CommandFailure.self) { try register([], members: members) }
        #expect(failure?.status == .badData)
        _ = try register([], members: #"{"redirect_uris": ["https://shop.example/"]}"#)
    }

    @Test func membersOfNoSpecificationAreATypingMistake() {
        #expect(throws: UsageError.self) {
            try MetadataPatch(Arguments(["--set", "subject_typ=pairwise"], for: ClientAddCommand.usage))
        }
        #expect(throws: UsageError.self) {
            try MetadataPatch(Arguments(["--set", "subject_type"], for: ClientAddCommand.usage))
        }
        #expect(throws: Never.self) {
            try MetadataPatch(Arguments(["--set", "client_name#de=Laden"], for: ClientAddCommand.usage))
        }
    }

    @Test func showTellsWhatIsRegisteredAndWhichRulesAreOff() throws {
        let members = """
            {"redirect_uris": ["https://shop.example/cb"], "subject_type": "pairwise",
             "martlet_compatibility": ["pkce_optional"]}
            """
        let text = try register(["--id", "shop"], members: members).client.description(secret: nil)
        #expect(text.contains("subject_type: pairwise"))
        #expect(text.contains("Weakened        pkce_optional"))
        let plain = try register("--id shop --redirect-uri https://shop.example/cb").client.description(secret: nil)
        #expect(!plain.contains("Weakened"))
    }
}

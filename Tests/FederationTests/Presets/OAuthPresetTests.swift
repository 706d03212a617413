import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("Presets of plain OAuth 2.0, by answers of the shapes that their documentation shows")
struct OAuthPresetTests {
    private func identity(_ preset: String, _ transport: RecordedTransport) async throws -> UpstreamIdentity {
        let setup = try FederationSetup(transport: transport)
        let upstream = try setup.upstream(preset, kind: .oauth2, preset: preset)
        let browser = ScriptedBrowser()
        let address = try await upstream.authorizationAddress(for: "test", in: browser.digest)
        let state = try ScriptedUpstream.query(of: address)[Parameter("state")] ?? ""
        return try await browser.finish(
            try ScriptedBrowser.answer(ScriptedUpstream.encode([("code", "c-1"), ("state", state)])), at: upstream)
    }

    static let gitHubToken = """
        {"access_token":"gho_16C7e42F292c6912E7","scope":"read:user,user:email","token_type":"bearer"}
        """
    static let gitHubUser = """
        {"login":"octo-cat","id":583231,"node_id":"MDQ6VXNlcjE=","avatar_url":"https://avatars.example/u/1","type":"User",
        "site_admin":false,"name":"Octo Cat","company":null,"blog":"https://octo.example","email":null,
        "html_url":"https://github.com/octo-cat","two_factor_authentication":true}
        """

    @Test func gitHubKnowsPeopleByANumberAndListsTheirAddresses() async throws {
        let transport = RecordedTransport([
            "https://github.com/login/oauth/access_token": (200, OAuthPresetTests.gitHubToken),
            "https://api.github.com/user": (200, OAuthPresetTests.gitHubUser),
            "https://api.github.com/user/emails": (
                200,
                """
                [{"email":"old@example.org","primary":false,"verified":true,"visibility":null},
                {"email":"Octo@Example.org","primary":true,"verified":true,"visibility":"private"}]
                """
            ),
        ])
        let identity = try await identity("github", transport)
        #expect(identity.subject == "583231" && identity.name == "Octo Cat")
        #expect(identity.email?.rawValue == "octo@example.org" && identity.isEmailVerified)
        #expect(
            identity.details == [
                .preferredUsername: "octo-cat", .profile: "https://github.com/octo-cat",
                .picture: "https://avatars.example/u/1", .website: "https://octo.example",
            ])
        #expect(transport.requests.allSatisfy { $0.headers["User-Agent"] != nil })
        #expect(transport.requests.last?.headers["Authorization"] == "Bearer gho_16C7e42F292c6912E7")
        let form = try FormParameters(decoding: transport.requests[0].body)
        #expect(form[Parameter("client_secret")] != nil && form[Parameter("code_verifier")] != nil)
    }

    @Test(arguments: [#"[{"email":"a@example.org","primary":true,"verified":false}]"#, "[]", "{}"])
    func anAddressThatGitHubHasNotVerifiedIsNone(_ list: String) async throws {
        let identity = try await identity(
            "github",
            RecordedTransport([
                "https://github.com/login/oauth/access_token": (200, OAuthPresetTests.gitHubToken),
                "https://api.github.com/user": (200, OAuthPresetTests.gitHubUser),
                "https://api.github.com/user/emails": (200, list),
            ]))
        #expect(identity.email == nil && !identity.isEmailVerified)
    }

    @Test(arguments: [
        ("bad_verification_code", UpstreamFault.foreignAnswer(.refusedCode)),
        ("incorrect_client_credentials", .misconfigured(.refusedClient)),
        ("redirect_uri_mismatch", .misconfigured(.wrongRedirectURI)),
    ])
    func gitHubSaysWhatIsWrongWithStatus200(_ error: String, _ fault: UpstreamFault) async throws {
        let transport = RecordedTransport([
            "https://github.com/login/oauth/access_token": (
                200, #"{"error":"\#(error)","error_uri":"https://x.example"}"#
            )
        ])
        await #expect(throws: fault) { try await identity("github", transport) }
    }

    @Test func facebookVouchesForNoAddress() async throws {
        let transport = RecordedTransport([
            "https://graph.facebook.com/v22.0/oauth/access_token": (
                200, #"{"access_token":"EAABwz","token_type":"bearer","expires_in":5183944}"#
            ),
            "https://graph.facebook.com/v22.0/me?fields=id,name,email,first_name,last_name": (
                200,
                #"""
                {"id":"10158000000000001","name":"Ada Lovelace","email":"ada\u0040example.org","first_name":"Ada",
                "last_name":"Lovelace"}
                """#
            ),
        ])
        let identity = try await identity("facebook", transport)
        #expect(identity.subject == "10158000000000001" && identity.name == "Ada Lovelace")
        #expect(identity.email?.rawValue == "ada@example.org" && !identity.isEmailVerified)
        #expect(identity.details == [.givenName: "Ada", .familyName: "Lovelace"])
    }

    @Test func anErrorOfFacebookIsAnObject() async throws {
        let transport = RecordedTransport([
            "https://graph.facebook.com/v22.0/oauth/access_token": (
                400,
                #"{"error":{"message":"no","type":"OAuthException","code":100,"fbtrace_id":"A"}}"#
            )
        ])
        await #expect(throws: UpstreamFault.misconfigured(.refusedRequest)) {
            try await identity("facebook", transport)
        }
    }

    @Test func discordSaysWhichAddressIsVerified() async throws {
        for verified in [true, false] {
            let transport = RecordedTransport([
                "https://discord.com/api/oauth2/token": (
                    200, #"{"access_token":"6qr","token_type":"Bearer","expires_in":604800,"scope":"identify email"}"#
                ),
                "https://discord.com/api/users/@me": (
                    200,
                    """
                    {"id":"80351110224678912","username":"nelly","discriminator":"0","global_name":"Nelly",
                    "mfa_enabled":true,"verified":\(verified),"email":"nelly@example.org"}
                    """
                ),
            ])
            let identity = try await identity("discord", transport)
            #expect(identity.subject == "80351110224678912" && identity.name == "Nelly")
            #expect(identity.isEmailVerified == verified && !identity.hasSecondFactor)
            #expect(identity.details == [.preferredUsername: "nelly"])
        }
    }
}

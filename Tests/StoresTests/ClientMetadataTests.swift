import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("RFC 7591 client metadata")
struct ClientMetadataTests {
    @Test func everyMemberComesBackAsItWasWritten() throws {
        let metadata = ClientMetadata.withEveryFieldSet()
        let written = try JSONObject(parsing: metadata.jsonBytes())
        #expect(try ClientMetadata(written) == metadata)
        // One member of each name but the one that is never there together with its like.
        let names = Set(written.map { String($0.name.prefix { $0 != "#" }) })
        #expect(Set(ClientMetadata.memberNames).subtracting(names) == ["token_endpoint_auth_method"])
        #expect(metadata.clientName.byLanguage.count == 2 && metadata.clientName.plain == nil)
        #expect(metadata.compatibility == Set(Compatibility.allCases))
        #expect(metadata.requestURIs.map(\.rawValue) == ["https://shop.example/r.jwt#x_9-"])
        #expect(metadata.requestURIs.map(\.address.rawValue) == ["https://shop.example/r.jwt"])
    }

    @Test func nothingIsAnEmptyObject() throws {
        #expect(ClientMetadata().jsonBytes() == Array("{}".utf8))
        #expect(try ClientMetadata([:]) == ClientMetadata())
        #expect(try ClientMetadata(["subject_type": .null, "jwks": .null]) == ClientMetadata())
    }

    @Test(.spec("R-10"))
    func whatIsNotKnownIsLeftOut() throws {
        let metadata = try ClientMetadata(["x_color": "red", "subject_type#de": "public", "subject_type": "pairwise"])
        #expect(metadata.jsonBytes() == Array(#"{"subject_type":"pairwise"}"#.utf8))
    }

    private let sound: JSONObject = ["software_id": "x", "subject_type": "public"]

    struct Unfit: Sendable, CustomTestStringConvertible {
        let member: String
        let value: JSONValue
        var testDescription: String { "\(member) = \(value)" }

        init(_ member: String, _ value: JSONValue) {
            (self.member, self.value) = (member, value)
        }
    }

    @Test(
        .spec("R-03", "R-11"),
        arguments: [
            Unfit("subject_type", "Public"), Unfit("subject_type", 1), Unfit("application_type", "mobile"),
            Unfit("id_token_signed_response_alg", "none"), Unfit("id_token_signed_response_alg", "HS256"),
            Unfit("token_endpoint_auth_signing_alg", "none"), Unfit("request_object_signing_alg", "HS256"),
            Unfit("id_token_encrypted_response_alg", "RSA1_5"), Unfit("id_token_encrypted_response_alg", "dir"),
            Unfit("id_token_encrypted_response_enc", "A192GCM"), Unfit("response_types", "code"),
            Unfit("response_types", ["token"]), Unfit("response_types", ["id_token token"]),
            Unfit("response_types", ["code", "code"]), Unfit("default_max_age", -1), Unfit("default_max_age", "60"),
            Unfit("default_max_age", 1.5), Unfit("require_auth_time", "true"), Unfit("require_auth_time", 1),
            Unfit("jwks", "{}"), Unfit("jwks", []), Unfit("contacts", ["a\nb"]), Unfit("contacts", "a"),
            Unfit("contacts", .array((0...100).map { .string("\($0)") })), Unfit("software_id", ""),
            Unfit("software_version", "\u{202E}1"), Unfit("software_statement", "a b"),
            Unfit("default_acr_values", [1]),
            Unfit("jwks_uri", "http://shop.example/"), Unfit("logo_uri", "https://shop.example/#a"),
            Unfit("logo_uri#de", "javascript:alert(1)"), Unfit("client_uri", "https://a@shop.example/"),
            Unfit("policy_uri", "https://shop.example/?a=\"b"), Unfit("tos_uri", "//shop.example"),
            Unfit("sector_identifier_uri", "https://shop.example/\\x"), Unfit("initiate_login_uri", "com.example:/x"),
            Unfit("request_uris", ["https://shop.example/#a#b"]), Unfit("request_uris", ["https://shop.example/#a b"]),
            Unfit("backchannel_logout_uri", "https://*.shop.example/"), Unfit("frontchannel_logout_uri", "https:///x"),
            Unfit("client_name#", "x"), Unfit("client_name#a b", "x"), Unfit("client_name#de", ""),
            Unfit("martlet_compatibility", ["everything"]), Unfit("martlet_access_token_format", "JWT"),
        ])
    func unfitValuesAreRefusedByTheirName(_ unfit: Unfit) throws {
        let refusal = #expect(throws: ClientMetadata.Refusal.self) {
            try ClientMetadata(sound.patched(unfit.member, unfit.value))
        }
        #expect(refusal?.member == String(unfit.member.prefix { $0 != "#" }))
        // The sentence goes out to whoever asked: RFC 6749 §5.2 has no quotes, and nothing that was sent is in it.
        #expect(refusal?.description.utf8.contains { !(0x20...0x7E).contains($0) || $0 == 0x22 || $0 == 0x5C } == false)
        _ = try ClientMetadata(sound)
    }

    @Test(.spec("R-15"))
    func theBestLanguageIsFound() {
        let text = Localized("Swallow", byLanguage: ["de": "Schwalbe", "fr-CH": "Hirondelle", "pt-BR": "Andorinha"])
        #expect(text.best(for: "de") == "Schwalbe")
        #expect(text.best(for: "DE-at") == "Schwalbe")
        #expect(text.best(for: "fr") == "Hirondelle")
        #expect(text.best(for: "it") == "Swallow")
        #expect(Localized(byLanguage: ["de": "Schwalbe"]).best(for: "en") == "Schwalbe")
        #expect(Localized<String>().best(for: "en") == nil)
    }

    @Test func aSecretAndWhatSuffersADigestDecideWhoIsPublic() {
        var client = Client.withNothingOptional()
        #expect(client.isPublic)
        client.authenticationMethods = [.privateKeyJWT]
        #expect(!client.isPublic)
        #expect(!Client.withEveryFieldSet().isPublic)
    }
}

extension JSONObject {
    fileprivate func patched(_ name: String, _ value: JSONValue) -> JSONObject {
        var object = self
        object[name] = value
        return object
    }
}

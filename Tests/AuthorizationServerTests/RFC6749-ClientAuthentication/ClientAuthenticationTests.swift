import AuthorizationServer
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Client authentication", .spec("RFC 6749 §2.3"))
struct ClientAuthenticationTests {
    private func authenticate(
        _ server: TestServer, basic: String? = nil, header: String? = nil, form: [Parameter: String] = [:]
    ) async throws -> Client {
        let header = header ?? basic.map { "Basic " + base64($0) }
        let credentials = try ClientCredentials(authorization: header, form: FormParameters(form))
        return try await ClientAuthentication(server.environment).authenticate(credentials)
    }

    @Test(
        .spec("C-01", "RFC 6749 §2.3.1"),
        arguments: [
            ("shop", "shop secret"), ("a:b", "c:d%"), ("shop 1~", "+ +"), ("x%41", "\u{E9}\u{20AC}"), ("k", ":"),
        ])
    func readsFormEncodedBasicCredentials(_ id: String, _ secret: String) async throws {
        let server = try await TestServer()
        try await server.register(.confidential(id, secret: secret))
        let encoded = FormParameters.encode(id) + ":" + FormParameters.encode(secret)
        #expect(try await authenticate(server, basic: encoded).id.rawValue == id)
        #expect(await refusal { try await authenticate(server, basic: encoded + "x") } == .invalidClient)
    }

    @Test(.spec("H-16"), arguments: ["Basic ", "basic ", "BASIC ", "Basic   "])
    func takesTheSchemeInAnyCase(_ scheme: String) async throws {
        let server = try await TestServer()
        #expect(try await authenticate(server, header: scheme + base64("shop:shop+secret")).id.rawValue == "shop")
    }

    @Test(
        .spec("C-02"),
        arguments: [
            "", "Basic", "Basic ", "Basic !", "Basic c2hvcA==", "Bearer c2hvcDpzaG9w", "Basic c2hvcDpz aG9w", "Basic =",
            "Basic ====",
            "Basic A===", "Basic AAAAA", "Basic AA=A", "Digest username=x", "Basic \u{E9}", "c2hvcDpzaG9wK3NlY3JldA==",
        ])
    func refusesAMalformedHeader(_ header: String) async throws {
        let server = try await TestServer()
        #expect(await refusal { try await authenticate(server, header: header) } == .invalidClient)
        let named = await refusal { try await authenticate(server, header: header, form: [.clientID: "shop"]) }
        #expect(named == .invalidClient)
    }

    @Test(
        .spec("C-02", "C-03", "C-07"),
        arguments: [
            ("shop", "wrong"), ("shop", ""), ("shop", "shop secret "), ("shop", "Shop secret"),
            ("shop", "shop\u{A0}secret"),
            ("nobody", "shop secret"), ("SHOP", "shop secret"), ("shop", String(repeating: "s", count: 1_000_000)),
            ("u_zoe", "x"),
        ])
    func refusesWrongSecretsAndUnknownClientsAlike(_ id: String, _ secret: String) async throws {
        let server = try await TestServer()
        var errors: [String] = []
        for isBasic in [true, false] {
            do {
                _ =
                    try await isBasic
                    ? authenticate(server, basic: FormParameters.encode(id) + ":" + FormParameters.encode(secret))
                    : authenticate(server, form: [.clientID: id, .clientSecret: secret])
            } catch let error as OAuthError {
                #expect(error.code == .invalidClient)
                errors.append(error.description)
            }
        }
        #expect(errors.count == 2)
        if ClientID(id) != nil { #expect(Set(errors) == ["invalid_client: client authentication failed"]) }
        #expect(
            try await authenticate(server, form: [.clientID: "shop", .clientSecret: "shop secret"]).id.rawValue
                == "shop")
    }

    @Test(.spec("C-04"))
    func refusesTwoMethodsAtOnce() async throws {
        let server = try await TestServer()
        let form: [Parameter: String] = [.clientID: "shop", .clientSecret: "shop secret"]
        #expect(
            await refusal { try await authenticate(server, basic: "shop:shop+secret", form: form) } == .invalidRequest)
        #expect(try await authenticate(server, basic: "shop:shop+secret").id.rawValue == "shop")
        #expect(try await authenticate(server, form: form).id.rawValue == "shop")
    }

    @Test(.spec("C-05"))
    func refusesAnotherMethodThanTheRegisteredOne() async throws {
        let server = try await TestServer()
        var client = Client.confidential()
        client.authenticationMethods = [.clientSecretPost]
        try await server.register(client)
        #expect(await refusal { try await authenticate(server, basic: "shop:shop+secret") } == .invalidClient)
        _ = try await authenticate(server, form: [.clientID: "shop", .clientSecret: "shop secret"])
        client.authenticationMethods = [.clientSecretBasic]
        try await server.register(client)
        let post = await refusal {
            try await authenticate(server, form: [.clientID: "shop", .clientSecret: "shop secret"])
        }
        #expect(post == .invalidClient)
        _ = try await authenticate(server, basic: "shop:shop+secret")
    }

    @Test(.spec("C-08", "T-22"))
    func takesAPublicClientByItsNameAloneAndNoOther() async throws {
        let server = try await TestServer()
        try await server.register(.open())
        #expect(try await authenticate(server, form: [.clientID: "app"]).id.rawValue == "app")
        #expect(await refusal { try await authenticate(server, form: [.clientID: "shop"]) } == .invalidClient)
        #expect(await refusal { try await authenticate(server, basic: "app:") } == .invalidClient)
        let secret = await refusal { try await authenticate(server, form: [.clientID: "app", .clientSecret: "x"]) }
        #expect(secret == .invalidClient)
    }

    @Test(.spec("C-08"))
    func neverTrustsAMethodThatDoesNotFitTheRecord() async throws {
        let server = try await TestServer()
        // Records that no operator makes: a secret with the method `none`, and methods with a secret without one.
        var odd = Client.confidential("odd")
        odd.authenticationMethods = [.none]
        try await server.register(odd)
        #expect(await refusal { try await authenticate(server, form: [.clientID: "odd"]) } == .invalidClient)
        odd.secretDigest = nil
        odd.authenticationMethods = [.clientSecretBasic, .clientSecretPost]
        try await server.register(odd)
        #expect(await refusal { try await authenticate(server, basic: "odd:") } == .invalidClient)
        #expect(await refusal { try await authenticate(server, form: [.clientID: "odd"]) } == .invalidClient)
    }

    @Test(.spec("C-19"))
    func refusesAClientIDThatDiffersFromTheAuthenticatedOne() async throws {
        let server = try await TestServer()
        try await server.register(.confidential("Kiosk"))
        for other in ["shop", "kiosk", "\u{212A}iosk", "Kiosk "] {
            let code = await refusal {
                try await authenticate(server, basic: "Kiosk:shop+secret", form: [.clientID: other])
            }
            #expect(code == .invalidClient)
        }
        _ = try await authenticate(server, basic: "Kiosk:shop+secret", form: [.clientID: "Kiosk"])
    }

    @Test(.spec("C-11"))
    func refusesAssertions() async throws {
        let server = try await TestServer()
        let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        for form in [
            [.clientAssertion: "eyJ", .clientAssertionType: type, .clientID: "shop"], [.clientAssertion: "eyJ"],
            [.clientAssertionType: type, .clientID: "shop"], [:],
        ] as [[Parameter: String]] {
            #expect(await refusal { try await authenticate(server, form: form) } == .invalidClient)
        }
    }

    @Test(.spec("C-09"))
    func seesARemovedClientAsSoonAsTheCacheIsEmptied() async throws {
        let server = try await TestServer()
        _ = try await authenticate(server, basic: "shop:shop+secret")
        _ = try await server.storage.clients.remove(server.client.id)
        server.environment.clients.forget()
        #expect(await refusal { try await authenticate(server, basic: "shop:shop+secret") } == .invalidClient)
    }
}

private func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var bits = 0
    var count = 0
    var encoded = ""
    for byte in text.utf8 {
        bits = (bits << 8 | Int(byte)) & 0xFFFF
        count += 8
        while count >= 6 {
            count -= 6
            encoded.append(alphabet[bits >> count & 63])
        }
    }
    if count > 0 { encoded.append(alphabet[bits << (6 - count) & 63]) }
    while encoded.count % 4 != 0 { encoded.append("=") }
    return encoded
}

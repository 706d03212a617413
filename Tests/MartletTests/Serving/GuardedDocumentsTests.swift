import AuthorizationServer
import HTTP
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet

/// What the server itself fetches for clients: nothing from inside, whichever parameter or member names it.
///
/// Literal addresses, and the one name that every machine knows: no resolver is asked, and nothing is connected to.
@Suite(
    "Documents that registrations and requests point at, as the server fetches them", .spec("RFC 9101 §10.4", "X-01"))
struct GuardedDocumentsTests {
    static let inside = [
        "https://127.0.0.1/d", "https://127.0.0.1:8443/d", "https://localhost/d", "https://10.1.2.3/d",
        "https://172.16.0.1/d", "https://192.168.1.1:8443/d", "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/d", "https://0.0.0.0/d", "https://[::1]/d", "https://[fd00::1]/d", "https://[fe80::1]/d",
        "https://[64:ff9b::7f00:1]/d",
    ]

    private static func with(_ body: (GuardedDocuments) async throws -> Void) async throws {
        let documents = GuardedDocuments()
        do {
            try await body(documents)
            await documents.stop()
        } catch {
            await documents.stop()
            throw error
        }
    }

    @Test(arguments: inside)
    func nothingIsFetchedFromInside(_ text: String) async throws {
        // Some are no addresses that a client could register at all.
        guard let address = WebAddress(text) else { return }
        try await Self.with { documents in
            for party in [AddressParty.operators, .strangers] {
                await #expect(throws: OutgoingError.refusedAddress) {
                    try await documents.fetch(address, of: party, accepting: "application/json", limit: 1000)
                }
            }
        }
    }

    @Test func norFromOddPorts() async throws {
        let address = try #require(WebAddress("https://www.example.com:5432/d"))
        try await Self.with { documents in
            await #expect(throws: OutgoingError.refusedPort) {
                try await documents.fetch(address, of: .operators, accepting: "application/json", limit: 1000)
            }
        }
    }

    @Test(arguments: ["https://127.0.0.1:8443/d", "https://localhost/d", "https://169.254.169.254/d"])
    func requestObjectsKeysSectorsAndLogosAreRefusedThere(_ text: String) async throws {
        let address = try #require(WebAddress(text))
        try await Self.with { documents in
            let server = try await TestServer(documents: documents)
            let key = try SigningKey.generate()
            func client(_ members: JSONObject) async throws -> Client {
                var client = Client.confidential("inside")
                client.metadata = try ClientMetadata(members)
                return try await server.register(client)
            }
            func refusal(_ changes: [Parameter: String?], _ client: Client) async throws -> OAuthError? {
                try await server.decide(changes, for: client, from: server.browser()).answer?.failure
            }

            // request_uri
            let keys = try JSONValue(parsing: JWKSet([key.publicKey]).jsonBytes())
            let referring = try await client(["jwks": keys, "request_uris": [.string(text)]])
            #expect(try await refusal([.requestURI: text], referring)?.code == .invalidRequestURI)

            // jwks_uri
            let keyed = try await client(["jwks_uri": .string(text)])
            let object = try JWTSigner(key: key, type: .jwt).sign(JSONValue.object(["client_id": "inside"]))
            let unkeyed = try await refusal([.request: object], keyed)
            #expect(unkeyed?.code == .invalidRequestObject && unkeyed?.advice?.contains("keys cannot be had") == true)

            // sector_identifier_uri
            let endpoint = RegistrationEndpoint(
                server.environment, policy: try RegistrationPolicy(["access": "open"]))
            let refused = await #expect(throws: RegistrationRefusal.self) {
                try await endpoint.register(
                    [
                        "redirect_uris": ["https://a.example/cb"], "subject_type": "pairwise",
                        "sector_identifier_uri": .string(text),
                    ], token: nil)
            }
            #expect(refused?.member == "sector_identifier_uri")

            // logo_uri
            let shown = try await client(["logo_uri": .string(text)])
            let logo = await ClientLogos(server.environment).picture(named: ClientLogos.name(of: address), of: shown)
            guard case .nothing = logo else {
                Issue.record("a picture came from \(text)")
                return
            }
        }
    }

    @Test(
        arguments: [
            (nil, nil), ("", nil), ("public", nil), ("max-age=60", 60), ("public, Max-Age = 60", 60), ("max-age=0", 0),
            ("max-age=60, no-store", 0), ("no-cache, max-age=60", 0), ("max-age=-1", nil), ("max-age=x", nil),
            ("max-age=99999999999999999999", nil), ("max-age=31536001", nil), ("s-maxage=5", nil),
        ] as [(String?, Int?)])
    func theAnswerSaysHowLongItHolds(_ control: String?, _ seconds: Int?) {
        #expect(GuardedDocuments.lifetime(control) == seconds.map { Duration.seconds($0) })
    }
}

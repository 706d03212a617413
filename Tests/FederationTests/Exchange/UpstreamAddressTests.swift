import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Testing

@testable import Federation

@Suite("Where requests to providers may go")
struct UpstreamAddressTests {
    enum Way: Equatable {
        case nowhere, freely, freelyInClear, inPublicAlone

        init(_ destination: Destination?) {
            self =
                switch destination {
                case nil: .nowhere
                case .configured: .freely
                case .configuredPlain: .freelyInClear
                case .guarded, .stranger: .inPublicAlone
                }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let address: String
        let way: Way
        var own = ["https://login.example/realm", nil]
        var testDescription: String { "\(address) of \(own)" }

        init(_ address: String, _ way: Way) { (self.address, self.way) = (address, way) }

        init(_ address: String, of own: String, _ way: Way) {
            self.init(address, way)
            self.own = [own]
        }
    }

    @Test(
        .spec("OWASP API7:2023"),
        arguments: [
            Case("https://login.example/token", .freely), Case("https://LOGIN.example/token", .freely),
            Case("https://login.example", .freely), Case("https://login.example?x", .freely),
            // Another host, or what only looks like the own one.
            Case("https://token.example/token", .inPublicAlone),
            Case("https://login.example.evil.example/", .inPublicAlone),
            Case("https://login.example:8443/token", .inPublicAlone), Case("https://10.0.0.1/token", .inPublicAlone),
            Case("https://127.0.0.1/token", .inPublicAlone), Case("https://localhost/token", .inPublicAlone),
            Case("https://evil.example/?https://login.example/", .inPublicAlone),
            // User information, which is for hiding the host.
            Case("https://login.example@evil.example/", .nowhere), Case("https://x@login.example/", .nowhere),
            // No https, unless the operator has named this machine.
            Case("http://login.example/token", .nowhere), Case("http://127.0.0.1/token", .nowhere),
            Case("http://localhost:9000/token", .nowhere), Case("ftp://login.example/", .nowhere),
            Case("HTTPS://login.example/", .nowhere), Case("file:///etc/passwd", .nowhere), Case("", .nowhere),
            Case("https://", .nowhere), Case("//login.example/", .nowhere),
            Case("http://localhost:9000/token", of: "http://localhost:8000", .freelyInClear),
            Case("http://127.0.0.1:9000/token", of: "http://[::1]:8000", .freelyInClear),
            Case("http://localhost.evil.example/", of: "http://localhost:8000", .nowhere),
            Case("http://localhost@evil.example/", of: "http://localhost:8000", .nowhere),
            Case("http://login.example/", of: "http://localhost:8000", .nowhere),
            Case("https://login.example/", of: "http://localhost:8000", .inPublicAlone),
        ])
    func whoNamesAnAddressDecidesHowItIsAsked(_ example: Case) {
        #expect(Way(UpstreamAddress.destination(of: example.address, namedBy: example.own)) == example.way)
    }

    /// Notes what is asked of a provider.
    private final class Watch: UpstreamTransport {
        private let provider: ScriptedUpstream
        private let sent = Locked<[OutgoingRequest]>([])

        init(_ provider: ScriptedUpstream) { self.provider = provider }

        var requests: [OutgoingRequest] { sent.withLock { $0 } }

        func send(_ request: OutgoingRequest) async throws -> UpstreamAnswer {
            sent.withLock { $0.append(request) }
            return try await provider.send(request)
        }
    }

    /// Signs somebody in whose ID token says little, so that everything is asked; answers what was.
    private func signIn(_ settings: JSONObject, patience: Duration = .seconds(5)) async throws -> [OutgoingRequest] {
        let setup = try FederationSetup()
        setup.provider.announce([
            "token_endpoint": "https://token.example/token", "jwks_uri": "https://jwkss.example/keys",
            "userinfo_endpoint": "https://users.example/userinfo",
        ])
        let watch = Watch(setup.provider)
        var parts = setup.parts(over: watch)
        parts.patience = patience
        let upstream = try Upstream(try setup.connector(settings: settings), parts)
        var person = ScriptedPerson()
        person.claims = ["sub": "ada"]
        person.addresses = [["email": "ada@example.net", "primary": true, "verified": true]]
        let identity = try await ScriptedBrowser().signIn(upstream, at: setup.provider, as: person)
        #expect(identity.email != nil)
        return watch.requests
    }

    @Test func hostsThatADocumentNamesAreAskedInPublicAlone() async throws {
        let emails: JSONObject = ["emails_endpoint": "https://email.example/emails"]
        let ways = try await signIn(emails).map { "\($0.address) \(Way($0.destination))" }
        #expect(
            ways == [
                "https://login.example/.well-known/openid-configuration freely",
                "https://token.example/token inPublicAlone", "https://jwkss.example/keys inPublicAlone",
                "https://users.example/userinfo inPublicAlone", "https://email.example/emails freely",
            ])
        // What the operator names is the operator's own.
        let named: JSONObject = [
            "token_endpoint": "https://token.example/token", "jwks_uri": "https://jwkss.example/keys",
            "userinfo_endpoint": "https://users.example/userinfo",
        ]
        #expect(try await signIn(named).allSatisfy { Way($0.destination) == .freely })
    }

    @Test func everyRequestHasABoundOfTimeAndSize() async throws {
        let patience = Duration.seconds(7)
        let earliest = Deadline.after(patience)
        let requests = try await signIn(["emails_endpoint": "https://email.example/emails"], patience: patience)
        let latest = Deadline.after(patience)
        #expect(requests.count == 5)
        for request in requests {
            #expect((earliest...latest).contains(request.deadline), "\(request.address)")
            let limit = request.address.hasSuffix("/keys") ? 256 * 1024 : 128 * 1024
            #expect(request.answerLimit == limit, "\(request.address)")
            // Where an answer leads is nowhere that we go.
            #expect(request.redirects == .answered, "\(request.address)")
        }
    }
}

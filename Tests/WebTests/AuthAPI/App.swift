import AuthorizationServer
import HTTP
import Identity
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Web

/// An app that signs people in itself: makes calls, keeps cookies, and holds every answer against the document.
final class App {
    static let page = "https://app.example"
    static let secret = "secret-of-the-app-0123456789abcdefghij"

    let test: TestSite
    let id: String
    let mode: Client.OwnSignIn
    /// Nil for an app without a secret.
    let secret: String?
    /// What a browser writes; nil for none.
    var origin: String?
    var cookies: [String: String] = [:]
    var accessToken: String?

    /// Registers the client.
    init(
        _ test: TestSite, _ mode: Client.OwnSignIn, id: String = "app", isConfidential: Bool = false,
        party: Client.Party = .first, page: String = App.page,
        grantTypes: Set<GrantType> = [
            .authorizationCode, .refreshToken,
        ]
    ) async throws {
        (self.test, self.id, self.mode) = (test, id, mode)
        secret = isConfidential ? App.secret : nil
        origin = mode == .cookies ? page : nil
        let client = Client(
            id: try #require(ClientID(id)), name: "App", secretDigest: secret.map { TokenDigest(of: $0) },
            authenticationMethods: isConfidential ? [.clientSecretBasic] : [.none],
            redirectURIs: [try RedirectURI(registering: page + "/cb")], postLogoutRedirectURIs: [],
            grantTypes: grantTypes, scopes: [.openid, .profile, .email, .offlineAccess], party: party,
            ownSignIn: mode, createdAt: test.clock.now)
        #expect(try await test.environment.storage.clients.insert(client))
        test.environment.clients.forget()
    }

    /// The header of the client that a call needs, unless it carries an access token.
    var proof: Headers {
        guard let secret else { return [AuthEntrance.clientHeader: id] }
        return ["Authorization": "Basic " + Base64.encode(Array("\(id):\(secret)".utf8))]
    }

    @discardableResult
    func call(
        _ operation: AuthOperation, _ content: JSONValue? = nil, headers extra: Headers = [:],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Page {
        var headers = Headers()
        if operation.access == .client || mode == .cookies {
            for field in proof { headers.set(field.name, field.value) }
        }
        if operation.access != .client, let accessToken { headers.set("Authorization", "Bearer " + accessToken) }
        if content != nil { headers.set("Content-Type", "application/json") }
        if let origin { headers.set("Origin", origin) }
        if !cookies.isEmpty {
            headers.set("Cookie", cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))
        }
        for field in extra { headers.set(field.name, field.value) }
        return try await send(operation, headers, body: content?.jsonBytes() ?? [], at: location)
    }

    /// Any request to a call.
    func send(
        _ operation: AuthOperation, _ headers: Headers, body: [UInt8],
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Page {
        let request = Request(
            operation.method, test.environment.issuer.path + AuthOperation.root + operation.path, headers: headers,
            body: body, id: RequestID(7))
        let page = Page(response: await test.site.respond(to: request))
        for line in page.response.headers.values(of: "Set-Cookie") { keep(line) }
        check(page, operation, location)
        return page
    }

    /// What the document says of the call holds for its answer.
    private func check(_ page: Page, _ operation: AuthOperation, _ location: SourceLocation) {
        let type = page.response.headers["Content-Type"]
        #expect(page.response.headers["Cache-Control"] == "no-store", sourceLocation: location)
        if page.response.status == operation.success.status {
            if let schema = operation.success.schema {
                #expect(type == "application/json", sourceLocation: location)
                #expect(schema.departure(of: page.json) == nil, sourceLocation: location)
            } else {
                #expect(page.response.body.bytes.isEmpty, sourceLocation: location)
            }
            return
        }
        #expect(type == "application/problem+json", sourceLocation: location)
        #expect(AuthProblem.schema.departure(of: page.json) == nil, "\(page.text)", sourceLocation: location)
        let code = page.json["code"]?.string.flatMap { AuthProblem.Code(rawValue: $0) }
        #expect(code.map(operation.problems.contains) == true, "\(page.text)", sourceLocation: location)
        #expect(code?.status == page.response.status, sourceLocation: location)
        let hasWait = page.response.headers["Retry-After"] != nil
        #expect(hasWait == [429, 503].contains(page.status), sourceLocation: location)
        #expect((page.response.headers["WWW-Authenticate"] != nil) == (page.status == 401), sourceLocation: location)
    }

    private func keep(_ line: String) {
        let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return }
        cookies[String(pair[0])] = line.contains("Max-Age=0") ? nil : String(pair[1])
    }

    // MARK: Steps

    static let right: JSONValue = [
        "email": .string(TestSite.email), "password": .string(TestSite.password),
    ]
    static let password: JSONValue = ["password": .string(TestSite.password)]
    static let wrong: JSONValue = ["email": .string(TestSite.email), "password": "something else"]

    /// Signs in by password; keeps what comes of it.
    @discardableResult
    func signIn(at location: SourceLocation = #_sourceLocation) async throws -> Page {
        let page = try await call(.login, App.right, at: location)
        #expect(page.status == 200, "\(page.text)", sourceLocation: location)
        accessToken = page.json["accessToken"]?.string
        return page
    }

    /// Switches two-step verification on; answers the app's secret and the recovery codes, a minute later.
    func turnOn() async throws -> (secret: [UInt8], codes: [String]) {
        let begun = try await call(.beginSecondFactor, App.password)
        let secret = try App.bytes(ofBase32: try #require(begun.json["secret"]?.string))
        let done = try await call(.completeSecondFactor, ["code": .string(try test.code(secret))])
        let codes = try #require(done.json["recoveryCodes"]?.array).compactMap(\.string)
        // Its step is spent.
        test.clock.advance(by: .seconds(60))
        return (secret, codes)
    }

    static func startsWithZeros(_ bytes: [UInt8], _ bits: Int) -> Bool {
        (0..<bits).allSatisfy { bytes[$0 / 8] >> UInt8(7 - $0 % 8) & 1 == 0 }
    }

    static func bytes(ofBase32 text: String) throws -> [UInt8] {
        var (bits, value, bytes) = (0, 0, [UInt8]())
        for character in text.utf8 {
            let place = try #require(Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8).firstIndex(of: character))
            value = value << 5 | place
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: value >> bits))
                value &= (1 << bits) - 1
            }
        }
        return bytes
    }
}

extension Page {
    /// The word of a problem.
    var problem: String? { json["code"]?.string }
}

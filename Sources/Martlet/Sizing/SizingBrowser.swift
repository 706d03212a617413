import HTTP
import JOSE
import JSON
import OAuthTypes
import Web

/// A person's browser and the relying party behind it, in one: requests of real flows, without a socket.
struct SizingBrowser: Sendable {
    private let site: Site
    private let party: SizingNode.Party
    private var cookies: [(name: String, value: String)] = []
    private var refreshToken = ""
    /// The access token that came last.
    private(set) var accessToken = ""

    /// An answer that a flow does not go on from.
    struct WrongAnswer: Error, CustomStringConvertible {
        let path: String
        let status: UInt16

        var description: String { "\(path) was answered with status \(status)" }
    }

    private static let verifier = "the-proof-key-verifier-of-the-sizing-0123456789"
    private static let challenge = SHA256.digest(of: verifier).base64URL

    init(_ site: Site, _ party: SizingNode.Party) {
        self.site = site
        self.party = party
    }

    // MARK: Flows

    /// Signs in as somebody whom this browser has never seen: request, page, password, code, tokens.
    mutating func signIn() async throws {
        cookies = []
        let start = await get(authorization.path, authorization.query)
        let interaction = try Self.location(of: start, from: authorization.path)
        let page = await get(interaction)
        let form = [
            ("csrf", try Self.csrf(in: page)), ("email", party.email),
            ("password", party.password),
        ]
        let end = await post(interaction + "/sign-in", form)
        try await redeem(answer: Self.location(of: end, from: "the sign-in form"))
    }

    /// Gets another code and tokens for it, by the session that is there.
    mutating func codeFlow() async throws {
        let answer = await get(authorization.path, authorization.query)
        try await redeem(answer: Self.location(of: answer, from: authorization.path))
    }

    /// Uses the refresh token.
    mutating func refresh() async throws {
        try await takeTokens([("grant_type", "refresh_token"), ("refresh_token", refreshToken)])
    }

    private mutating func redeem(answer: String) async throws {
        let query = answer.drop { $0 != "?" }.dropFirst()
        guard let code = try? FormParameters(decoding: Array(query.utf8))[.code] else {
            throw WrongAnswer(path: authorization.path, status: Status.seeOther.rawValue)
        }
        try await takeTokens([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", party.redirectURI),
            ("code_verifier", Self.verifier),
        ])
    }

    private mutating func takeTokens(_ form: [(String, String)]) async throws {
        let response = await post("/token", form, headers: ["Authorization": party.proof])
        guard response.status == .ok, let object = try? JSONObject(parsing: response.body.bytes),
            let access = object["access_token"]?.string, let refresh = object["refresh_token"]?.string
        else { throw WrongAnswer(path: "/token", status: response.status.rawValue) }
        (accessToken, refreshToken) = (access, refresh)
    }

    // MARK: Requests

    private var authorization: (path: String, query: String) {
        let form = [
            ("client_id", party.clientID), ("response_type", "code"), ("redirect_uri", party.redirectURI),
            ("scope", "openid profile email"), ("state", "af0ifjsldkj"), ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge_method", "S256"), ("code_challenge", Self.challenge),
        ]
        return ("/authorize", Self.encode(form))
    }

    private mutating func get(_ path: String, _ query: String? = nil) async -> Response {
        await send(Request(.get, path, query: query.map { Array($0.utf8) }, headers: cookieField))
    }

    private mutating func post(
        _ path: String, _ form: [(String, String)], headers more: Headers = [:]
    ) async -> Response {
        var headers = cookieField
        for field in more { headers.set(field.name, field.value) }
        headers.set("Content-Type", "application/x-www-form-urlencoded")
        return await send(Request(.post, path, headers: headers, body: Array(Self.encode(form).utf8)))
    }

    private var cookieField: Headers {
        guard !cookies.isEmpty else { return [:] }
        return ["Cookie": cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")]
    }

    private mutating func send(_ request: Request) async -> Response {
        let response = await site.respond(to: request)
        for line in response.headers.values(of: "Set-Cookie") {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            cookies.removeAll { $0.name == pair[0] }
            cookies.append((String(pair[0]), String(pair[1])))
        }
        return response
    }

    private static func location(of response: Response, from path: String) throws(WrongAnswer) -> String {
        guard let location = response.headers["Location"] else {
            throw WrongAnswer(path: path, status: response.status.rawValue)
        }
        return location
    }

    private static func csrf(in response: Response) throws(WrongAnswer) -> String {
        let text = String(decoding: response.body.bytes, as: UTF8.self)
        guard let start = text.firstRange(of: "name=\"csrf\" value=\"") else {
            throw WrongAnswer(path: "the sign-in page", status: response.status.rawValue)
        }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func encode(_ form: [(String, String)]) -> String {
        form.map { "\($0.0)=\(FormParameters.encode($0.1))" }.joined(separator: "&")
    }
}

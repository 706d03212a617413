import AuthorizationServer
import HTTP
import JOSE
import OAuthTypes
import Testing
import Web

/// A browser without scripts: keeps cookies, follows redirects on the site, reads and posts forms.
final class TestBrowser {
    let site: Site
    let origin: String
    var cookies: [String: String] = [:]
    var headers: Headers = [:]
    var peer = PeerAddress.loopback

    init(_ test: TestSite) {
        site = test.site
        origin = test.environment.issuer.origin
    }

    func get(_ address: String) async -> Page { await send(.get, address) }

    func post(_ address: String, _ fields: [String: String], headers: Headers = [:]) async -> Page {
        let form = fields.sorted { $0.key < $1.key }
            .map { "\(FormParameters.encode($0.key))=\(FormParameters.encode($0.value))" }
            .joined(separator: "&")
        return await send(.post, address, body: form, headers: headers)
    }

    /// Gets an address and goes on as long as the answer leads to another page of the site.
    func follow(_ address: String) async -> Page { await follow(get(address)) }

    func follow(_ start: Page) async -> Page {
        var page = start
        for _ in 0..<5 {
            guard let location = page.location, location.hasPrefix("/") || location.hasPrefix(origin + "/") else {
                break
            }
            page = await get(location)
        }
        return page
    }

    /// Posts the form of a page with these fields filled in; hidden ones go along.
    func submit(_ page: Page, _ fields: [String: String], headers: Headers = [:]) async -> Page {
        guard let action = page.formAction else { return page }
        return await post(action, page.hiddenFields.merging(fields) { _, own in own }, headers: headers)
    }

    private func send(
        _ method: Method, _ address: String, body: String? = nil, headers extra: Headers = [:]
    ) async -> Page {
        let target = address.hasPrefix(origin) ? String(address.dropFirst(origin.count)) : address
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var fields = headers
        for field in extra { fields.set(field.name, field.value) }
        if !cookies.isEmpty {
            fields.set(
                "Cookie", cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))
        }
        if body != nil, fields["Content-Type"] == nil {
            fields.set("Content-Type", "application/x-www-form-urlencoded")
        }
        let request = Request(
            method,
            String(halves[0]),
            query: halves.count > 1 ? Array(halves[1].utf8) : nil,
            headers: fields,
            body: Array((body ?? "").utf8),
            peer: peer
        )
        let response = await site.respond(to: request)
        for line in response.headers.values(of: "Set-Cookie") { keep(line) }
        return Page(response: response)
    }

    private func keep(_ line: String) {
        let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard pair.count == 2 else { return }
        cookies[String(pair[0])] = line.contains("Max-Age=0") ? nil : String(pair[1])
    }
}

/// An answer as a test reads it.
struct Page {
    let response: Response

    var status: Int { Int(response.status.rawValue) }
    var text: String { String(decoding: response.body.bytes, as: UTF8.self) }
    var location: String? { response.headers["Location"] }

    /// The parameters that an answer carries to the client, by query or fragment.
    var answer: FormParameters? {
        guard let location, let start = location.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return nil }
        return try? FormParameters(decoding: Array(location[start...].dropFirst().utf8))
    }

    var formAction: String? { attribute("action=\"") }

    var hiddenFields: [String: String] {
        var fields: [String: String] = [:]
        for piece in text.split(separator: "<input type=\"hidden\" ").dropFirst() {
            let tag = piece.prefix { $0 != ">" }
            guard let name = Page.attribute("name=\"", in: tag), let value = Page.attribute("value=\"", in: tag) else {
                continue
            }
            fields[name] = value
        }
        return fields
    }

    func attribute(_ opening: String) -> String? { Page.attribute(opening, in: Substring(text)) }

    private static func attribute(_ opening: String, in text: Substring) -> String? {
        guard let range = text.firstRange(of: opening) else { return nil }
        let entities = [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        return entities.reduce(String(text[range.upperBound...].prefix { $0 != "\"" })) { text, entity in
            text.split(separator: entity.0, omittingEmptySubsequences: false).joined(separator: entity.1)
        }
    }
}

extension TestSite {
    static let verifier = "the-proof-key-verifier-of-these-tests-0123456789"

    /// The address of an authorization request; nil takes a parameter out.
    func authorize(_ changes: [String: String?] = [:]) -> String {
        var parameters: [String: String?] = [
            "client_id": "shop", "response_type": "code", "redirect_uri": TestSite.redirectURI,
            "scope": "openid profile email", "state": "the state", "nonce": "n-1", "code_challenge_method": "S256",
            "code_challenge": SHA256.digest(of: TestSite.verifier).base64URL,
        ]
        for (name, value) in changes { parameters[name] = value }
        let query = parameters.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { "\(name)=\(FormParameters.encode($0))" }
        }
        return environment.issuer.path + "/authorize?" + query.joined(separator: "&")
    }

    /// Signs in and allows whatever is asked: the answer that goes to the client.
    func signIn(_ browser: TestBrowser, _ changes: [String: String?] = [:]) async -> Page {
        var page = await browser.follow(authorize(changes))
        if page.text.contains("id=\"password\"") {
            page = await browser.follow(
                browser.submit(page, ["email": TestSite.email, "password": TestSite.password])
            )
        }
        if page.text.contains("id=\"allow\"") { page = await browser.submit(page, ["decision": "allow"]) }
        return page
    }
}

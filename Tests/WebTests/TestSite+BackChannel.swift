import AuthorizationServer
import HTTP
import JOSE
import JSON
import OAuthTypes
import Web

extension Page {
    /// The content as a JSON object; null where it is none.
    var json: JSONValue { (try? JSONValue(parsing: response.body.bytes)) ?? .null }
}

/// How the shop proves itself.
enum Proof {
    case basic
    case none
    case header(String)
}

extension TestSite {
    func token(
        _ fields: [String: String], proof: Proof = .basic, headers: Headers = [:], from peer: PeerAddress = .loopback
    ) async -> Page {
        var all = headers
        switch proof {
        case .basic: all.set("Authorization", "Basic " + Base64.encode(Array("shop:\(TestSite.secret)".utf8)))
        case .header(let value): all.set("Authorization", value)
        case .none: break
        }
        let browser = TestBrowser(self)
        browser.peer = peer
        return await browser.post(environment.issuer.path + "/token", fields, headers: all)
    }

    func redeem(_ code: String, _ changes: [String: String] = [:]) async -> Page {
        let fields = [
            "grant_type": "authorization_code", "code": code, "redirect_uri": TestSite.redirectURI,
            "code_verifier": TestSite.verifier,
        ]
        return await token(fields.merging(changes) { _, own in own })
    }

    func refresh(_ token: String, _ changes: [String: String] = [:]) async -> Page {
        await self.token(
            ["grant_type": "refresh_token", "refresh_token": token].merging(changes) { _, own in own }
        )
    }

    func userInfo(_ accessToken: String) async -> Page {
        let request = Request(
            .get,
            environment.issuer.path + "/userinfo",
            headers: ["Authorization": "Bearer \(accessToken)"]
        )
        return Page(response: await site.respond(to: request))
    }
}

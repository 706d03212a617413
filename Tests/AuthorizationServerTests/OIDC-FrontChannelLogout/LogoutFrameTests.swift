import AuthorizationServer
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@Suite("Front-channel logout", .spec("OpenID Connect Front-Channel Logout"))
struct LogoutFrameTests {
    private struct Scene {
        let server: TestServer
        let browser: Browser
        let hint: String

        init(_ change: (inout Client) -> Void) async throws {
            server = try await TestServer()
            var shop = server.client
            change(&shop)
            try await server.register(shop)
            browser = try await server.signIn()
            hint = try #require(
                try await server.redeem(
                    server.authorizeSilently([.scope: "openid"], for: shop, in: browser), from: shop
                ).idToken)
        }

        func frames(_ session: Session?) async throws -> [LogoutFrame]? {
            let form = Array("id_token_hint=\(hint)".utf8)
            let endpoint = EndSessionEndpoint(server.environment)
            guard
                case .signedOut(_, _, let frames) = try await endpoint.respond(
                    to: form, session: session, consent: .unasked)
            else { return nil }
            return frames
        }

        var sid: String {
            get throws { try #require(try UnverifiedJWT(parsing: hint).unverifiedClaims()["sid"]?.string) }
        }
    }

    @Test("The registered address is framed, and its query is kept", .spec("L-13"))
    func asRegistered() async throws {
        let scene = try await Scene {
            $0.metadata.frontchannelLogoutURI = WebAddress("https://shop.example/out?tenant=1")
        }
        let frames = try #require(try await scene.frames(scene.browser.session))
        #expect(frames.map(\.address) == ["https://shop.example/out?tenant=1"])
        #expect(frames.map(\.origin) == ["https://shop.example"])
        #expect(try await scene.frames(nil) == [], "there is no session to end any more")
    }

    @Test("Who needs to know which session gets issuer and session", .spec("L-13"), arguments: ["", "?tenant=1"])
    func withSession(_ query: String) async throws {
        let scene = try await Scene {
            $0.metadata.frontchannelLogoutURI = WebAddress("https://shop.example/out" + query)
            $0.metadata.frontchannelLogoutSessionRequired = true
        }
        let frames = try #require(try await scene.frames(scene.browser.session))
        let joint = query.isEmpty ? "?" : query + "&"
        let sid = try scene.sid
        #expect(frames.map(\.address) == ["https://shop.example/out\(joint)iss=https%3A%2F%2Fid.example&sid=\(sid)"])
    }

    @Test("Without an address there is no frame")
    func none() async throws {
        let scene = try await Scene { $0.metadata.backchannelLogoutURI = WebAddress("https://shop.example/out") }
        #expect(try await scene.frames(scene.browser.session) == [])
    }
}

import Glibc
import JOSE
import JSON

/// Whether an access token of an answer is what verifiers take: a signature by the published key, issuer, type, times.
struct TokenCheck {
    private let server: TestedServer

    init(_ server: TestedServer) { self.server = server }

    func check(_ answer: Reply) throws {
        guard answer.status == 200, let token = (try? JSONValue(parsing: answer.body))?["access_token"]?.string
        else { throw BenchFailure("a wrong answer: \(answer.excerpt)") }
        let published = try Conversation(port: server.port).ask(RequestText.get("/jwks", port: server.port))
        do {
            let keys = try JWKSet(JSONObject(parsing: published.body))
            _ = try VerifiedJWT(
                token, signedBy: keys,
                as: JWTExpectation(
                    type: .exactly("at+jwt"), issuer: .exactly(server.issuer), audience: .anyone,
                    now: Int64(time(nil)), leeway: 10))
        } catch {
            throw BenchFailure("an access token that does not verify: \(error)")
        }
    }
}

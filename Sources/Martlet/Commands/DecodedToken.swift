import JOSE
import JSON

/// A token as somebody brought it: what it says, which nobody need believe.
struct DecodedToken: Sendable {
    let text: String
    let header: JSONObject
    /// Nil where they are encrypted.
    let claims: JSONObject?
    /// Bytes of the signature; nil where there is none that could be seen.
    let signatureLength: Int?

    /// Reads a token from standard input, up to the first line break: in the argument list all users of the machine
    /// could see it.
    static func read(_ console: Console) throws -> DecodedToken {
        let line = try console.readSecret("Token", limit: CompactJWS.limit)
        return try DecodedToken(line)
    }

    init(_ line: String) throws(CommandFailure) {
        let words = line.split { $0 == " " || $0 == "\t" }
        // As it stands in a request.
        let isField = words.count == 2 && ["bearer", "dpop"].contains(words[0].lowercased())
        guard let word = isField ? words.last : words.first, isField || words.count == 1 else {
            throw CommandFailure(.badData, "the line on standard input is no token: there are spaces in it")
        }
        text = String(word)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 || parts.count == 5 else {
            let found = parts.count == 1 ? "one part" : "\(parts.count) parts"
            throw CommandFailure(
                .badData,
                """
                that is no JWT: it has \(found), and there are three between dots, or five if it is encrypted
                An opaque token means something to its issuer alone, which tells at its introspection endpoint.
                """)
        }
        header = try DecodedToken.object(parts[0], "header")
        claims = parts.count == 3 ? try DecodedToken.object(parts[1], "payload") : nil
        signatureLength = parts.count == 3 ? Base64URL.decode(parts[2])?.count : nil
        if parts.count == 3, signatureLength == nil {
            throw CommandFailure(
                .badData, "the signature is not base64url; was the token cut off, or wrapped in lines?")
        }
    }

    private static func object(_ part: String, _ name: String) throws(CommandFailure) -> JSONObject {
        guard let bytes = Base64URL.decode(part) else {
            throw CommandFailure(.badData, "the \(name) is not base64url; was the token cut off, or wrapped in lines?")
        }
        do {
            return try JSONObject(parsing: bytes)
        } catch {
            throw CommandFailure(.badData, "the \(name) is no JSON object: \(error)")
        }
    }

    /// What a claim says, as it may be shown; nil where it is missing.
    func shown(_ claim: String) -> String? { claims?[claim].map(TokenText.value) }
}

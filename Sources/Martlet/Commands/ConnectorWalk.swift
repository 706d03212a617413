import Federation
import HTTP
import OAuthTypes
import Stores

/// A sign-in at a provider by hand: an operator opens an address, and brings back the one that the browser ends at.
///
/// The server refuses what comes back there, since it is of no browser that it knows, and so it is still good here.
struct ConnectorWalk: Sendable {
    let upstream: Upstream
    let browser: TokenDigest
    let console: Console

    /// Walks the whole way; answers whom the provider has proven, and throws what is wrong.
    func walk() async throws -> UpstreamIdentity {
        let address = try await upstream.authorizationAddress(for: "test", in: browser)
        console.complain(
            """
            Open this address in a browser and sign in:

            \(address)

            The browser comes back to \(upstream.redirectURI) and is told that nobody was
            signed in: that is right here. Copy the whole address that it shows then.
            """)
        let typed = console.readLine("Address: ")
        let query = typed.split(separator: "?", maxSplits: 1).dropFirst().first.map { $0.prefix { $0 != "#" } } ?? ""
        let text = query.filter { !$0.isWhitespace }
        guard !text.isEmpty, let form = try? FormParameters(decoding: Array(text.utf8)) else {
            throw CommandFailure(.badData, "that is no address with an answer of the provider in it")
        }
        let answer = Upstream.Answer(form)
        return try await upstream.identity(answer, try upstream.state(of: answer, in: browser))
    }

    /// What the provider says, and what it means here.
    static func lines(of identity: UpstreamIdentity, _ policy: ConnectorPolicy) -> [(label: String, value: String)] {
        let address = identity.isEmailVerified ? identity.email?.rawValue : nil
        var lines = [
            ("Subject", Console.visible(identity.subject)),
            ("Address", identity.email.map { Console.visible($0.rawValue) } ?? "none"),
            ("Verified", identity.isEmailVerified ? "yes" : "no"),
            ("Name", identity.name.map(Console.visible) ?? "none"),
            ("Methods", identity.methods.map(\.rawValue).joined(separator: " ")),
            ("Session", identity.providerSession == nil ? "not named: the provider cannot end single ones" : "named"),
        ]
        if !policy.admits(address: address) {
            lines.append(("Refused", "domains does not admit this address"))
        } else if address == nil {
            lines.append(("Note", "without a verified address nobody new gets an account; who has one can link it"))
        }
        return lines
    }
}

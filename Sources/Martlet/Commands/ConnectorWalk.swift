import Federation
import HTTP
import OAuthTypes
import Stores

/// A sign-in at a provider by hand: an operator opens an address, and brings back the one that the browser ends at.
///
/// The server refuses what comes back there, since it is of no browser that it knows, and so it is still good here.
struct ConnectorWalk {
    let upstream: Upstream
    let browser: TokenDigest
    /// Shows the operator a text.
    let tell: (String) -> Void
    /// Asks the operator for a line.
    let ask: (String) -> String

    /// Walks the whole way; answers whom the provider has proven, and throws what is wrong.
    func walk() async throws -> UpstreamIdentity {
        let address = try await upstream.authorizationAddress(for: "test", in: browser)
        tell(
            """
            Open this address in a browser and sign in:

            \(address)

            The browser comes back to \(upstream.redirectURI) and is told that nobody was
            signed in: that is right here. Copy the whole address that it shows then.
            """)
        let typed = ask("Address: ")
        let query = typed.split(separator: "?", maxSplits: 1).dropFirst().first.map { $0.prefix { $0 != "#" } } ?? ""
        let text = query.filter { !$0.isWhitespace }
        guard !text.isEmpty, let form = try? FormParameters(decoding: Array(text.utf8)) else {
            throw CommandFailure(.badData, "that is no address with an answer of the provider in it")
        }
        let answer = Upstream.Answer(form)
        return try await upstream.identity(answer, try upstream.state(of: answer, in: browser))
    }

    /// Whom the person is known as here.
    enum Acquaintance: Sendable {
        /// The link opens the account of this address.
        case linked(Email)
        /// An account has the address that the provider vouches for.
        case hasAddress
        case none

        init(of identity: UpstreamIdentity, in stores: Storage) async throws {
            let link = try await stores.links.find(identity.connector, subject: identity.subject)
            if let link, let owner = try await stores.users.find(link.userID) {
                self = .linked(owner.email)
            } else if let email = identity.email, identity.isEmailVerified, try await stores.users.find(email) != nil {
                self = .hasAddress
            } else {
                self = .none
            }
        }
    }

    /// What the provider says, and what it means here.
    static func lines(
        of identity: UpstreamIdentity, _ policy: ConnectorPolicy, _ acquaintance: Acquaintance
    ) -> [(label: String, value: String)] {
        [
            ("Subject", Console.visible(identity.subject)),
            ("Address", identity.email.map { Console.visible($0.rawValue) } ?? "none"),
            ("Verified", identity.isEmailVerified ? "yes" : "no"),
            ("Name", identity.name.map(Console.visible) ?? "none"),
            ("Methods", identity.methods.map(\.rawValue).joined(separator: " ")),
            ("Factors", identity.hasSecondFactor ? "two: none is asked for here" : "one: an app here is asked for"),
            ("Session", identity.providerSession == nil ? "not named: the provider cannot end single ones" : "named"),
            consequence(of: identity, policy, acquaintance),
        ]
    }

    /// What would come of a sign-in by the connector: the same order as the server asks in.
    private static func consequence(
        of identity: UpstreamIdentity, _ policy: ConnectorPolicy, _ acquaintance: Acquaintance
    ) -> (label: String, value: String) {
        let address = identity.isEmailVerified ? identity.email?.rawValue : nil
        guard policy.admits(address: address) else { return ("Refused", "domains does not admit this address") }
        switch acquaintance {
        case .linked(let email): return ("Here", "opens the account of \(Console.visible(email.rawValue))")
        case .hasAddress:
            return policy.mayLink == false
                ? ("Refused", "an account has this address, and may_link is false")
                : ("Here", "an account has this address: its owner proves it once, and then it is linked")
        case .none:
            if address == nil {
                return ("Note", "without a verified address nobody new gets an account; who has one can link it")
            }
            return policy.mayCreate == false
                ? ("Refused", "there is no account, and may_create is false")
                : (
                    "Here",
                    "an account is made where MARTLET_SIGN_UP is open (in production it is closed unless set); "
                        + "MARTLET_TERMS are to be accepted first"
                )
        }
    }
}

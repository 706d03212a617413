public import Mustache

/// Asks whether a client may have what it asks for: OpenID Connect Core §3.1.2.4.
///
/// Names the client, the host that gets the data and every scope in words; both answers weigh the same.
/// Posts `csrf` and `decision=allow` or `decision=deny`.
public struct ConsentPage: Page {
    /// One thing the client asks for.
    public struct Scope: Equatable, Sendable {
        /// The scope's name on the wire.
        public let name: String
        /// What it lets the client do, for people: needed for scopes of the operator's own.
        ///
        /// The words for the scopes and claims of OpenID Connect stand in the template.
        public let title: String?
        /// A sentence more.
        public let explanation: String?
        /// What people call the provider whose tokens it opens; nil where it opens none.
        public let provider: String?

        /// A scope; without a title, one that the template does not know is shown by its bare name.
        public init(name: String, title: String? = nil, explanation: String? = nil, provider: String? = nil) {
            self.name = name
            self.title = title
            self.explanation = explanation
            self.provider = provider
        }

        var value: MustacheValue {
            let known = [
                "openid", "profile", "email", "address", "phone", "offline_access", "claim:name", "claim:picture",
                "claim:locale", "claim:gender", "claim:birthdate", "claim:updated_at",
            ]
            return [
                "name": .string(name),
                "title": .init(title),
                "explanation": .init(explanation),
                "openid": .bool(name == "openid"),
                "profile": .bool(name == "profile"),
                "email": .bool(name == "email"),
                "address": .bool(name == "address"),
                "phone": .bool(name == "phone"),
                "offlineAccess": .bool(name == "offline_access"),
                "claimName": .bool(name == "claim:name"),
                "claimPicture": .bool(name == "claim:picture"),
                "claimLocale": .bool(name == "claim:locale"),
                "claimGender": .bool(name == "claim:gender"),
                "claimBirthdate": .bool(name == "claim:birthdate"),
                "claimUpdated": .bool(name == "claim:updated_at"),
                "upstream": provider.map { ["name": .string($0)] } ?? .null,
                "custom": .bool(!known.contains(name) && provider == nil),
            ]
        }
    }

    /// Where the answer goes.
    public enum Destination: Equatable, Sendable {
        /// The host of an `https` redirect URI.
        case website(host: String)
        /// An application on this device: its private scheme or loopback address (RFC 8252 §8.6: it could be any).
        case thisDevice(address: String)
    }

    /// Whether somebody vouches for the client.
    public enum Verification: Equatable, Sendable {
        /// An operator entered it.
        case verified
        /// It registered itself.
        case unverified
    }

    /// The page's template.
    public static let template = "consent"

    /// The client that asks, by its name for people.
    public let clientName: String
    /// Where the data goes.
    public let destination: Destination
    /// Whether somebody vouches for the client.
    public let verification: Verification
    /// What it asks for.
    public let scopes: [Scope]
    /// The signed-in person.
    public let accountEmail: String
    /// The token against forged posts.
    public let csrf: String
    /// Where the form is posted to.
    public let action: String
    /// What the client shows of itself.
    public let card: ClientCard

    /// A page.
    public init(
        clientName: String,
        destination: Destination,
        verification: Verification,
        scopes: [Scope],
        accountEmail: String,
        csrf: String,
        action: String,
        card: ClientCard = ClientCard()
    ) {
        self.clientName = clientName
        self.destination = destination
        self.verification = verification
        self.scopes = scopes
        self.accountEmail = accountEmail
        self.csrf = csrf
        self.action = action
        self.card = card
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        let (address, isOnThisDevice) =
            switch destination {
            case .website(let host): (host, false)
            case .thisDevice(let address): (address, true)
            }
        return [
            "clientName": .string(clientName),
            "destination": .string(address),
            "onThisDevice": .bool(isOnThisDevice),
            "unverified": .bool(verification == .unverified),
            "scopes": .list(scopes.map(\.value)),
            "accountEmail": .string(accountEmail),
            "csrf": .string(csrf),
            "action": .link(action),
            "logoURL": .link(card.logoURL),
            "hasLinks": .bool(card.policyURL != nil || card.termsURL != nil),
            "policyURL": .link(card.policyURL),
            "termsURL": .link(card.termsURL),
        ]
    }

    /// A page with everything on it.
    public static var example: ConsentPage {
        ConsentPage(
            clientName: "Sundial Notes",
            destination: .thisDevice(address: "com.example.sundial"),
            verification: .unverified,
            scopes: [
                Scope(name: "openid"), Scope(name: "profile"), Scope(name: "email"), Scope(name: "address"),
                Scope(name: "phone"), Scope(name: "offline_access"), Scope(name: "claim:name"),
                Scope(name: "claim:picture"), Scope(name: "claim:locale"), Scope(name: "claim:gender"),
                Scope(name: "claim:birthdate"), Scope(name: "claim:updated_at"),
                Scope(
                    name: "calendar.read",
                    title: "Read your calendar",
                    explanation: "Titles and times of your appointments, not who attends."
                ),
                Scope(name: "reports:export"), Scope(name: "upstream:google", provider: "Google"),
            ],
            accountEmail: "mara.lindqvist@example.org",
            csrf: "Yk3J0",
            action: "/interaction/8f2c1d",
            card: ClientCard(
                logoURL: "/static/logo.svg", policyURL: "https://sundial.example/privacy",
                termsURL: "https://sundial.example/terms")
        )
    }
}

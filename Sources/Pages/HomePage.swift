public import Mustache

/// The start of a development provider: all that a newcomer needs for a first sign-in and a first token.
///
/// It shows a password and a secret: production mode must not serve it.
public struct HomePage: Page {
    /// The page's template.
    public static let template = "home"

    /// The issuer identifier.
    public let issuer: String
    /// The address of the discovery document.
    public let discoveryURL: String
    /// Where a demo sign-in starts.
    public let playgroundURL: String
    /// Where people find their own account.
    public let accountURL: String
    /// The demo client.
    public let clientID: String
    /// Its secret; nil for a public client.
    public let clientSecret: String?
    /// Its redirect URI.
    public let redirectURI: String
    /// The demo person's e-mail address.
    public let userEmail: String
    /// The demo person's password.
    public let userPassword: String
    /// A command that gets a token.
    public let curlCommand: String

    /// A page.
    public init(
        issuer: String,
        discoveryURL: String,
        playgroundURL: String,
        accountURL: String,
        clientID: String,
        clientSecret: String?,
        redirectURI: String,
        userEmail: String,
        userPassword: String,
        curlCommand: String
    ) {
        self.issuer = issuer
        self.discoveryURL = discoveryURL
        self.playgroundURL = playgroundURL
        self.accountURL = accountURL
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        self.userEmail = userEmail
        self.userPassword = userPassword
        self.curlCommand = curlCommand
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "issuer": .string(issuer),
            "discoveryURL": .link(discoveryURL),
            "playgroundURL": .link(playgroundURL),
            "accountURL": .link(accountURL),
            "clientID": .string(clientID),
            "clientSecret": .init(clientSecret),
            "redirectURI": .string(redirectURI),
            "userEmail": .string(userEmail),
            "userPassword": .string(userPassword),
            "curlCommand": .string(curlCommand),
        ]
    }

    /// A page with everything on it.
    public static var example: HomePage {
        HomePage(
            issuer: "http://localhost:8080",
            discoveryURL: "http://localhost:8080/.well-known/openid-configuration",
            playgroundURL: "/playground",
            accountURL: "/account",
            clientID: "demo",
            clientSecret: "demo-secret",
            redirectURI: "http://localhost:8080/playground/callback",
            userEmail: "demo@example.org",
            userPassword: "a demo password for trying things out",
            curlCommand: """
                curl -u demo:demo-secret \\
                  -d grant_type=client_credentials \\
                  http://localhost:8080/token
                """
        )
    }
}

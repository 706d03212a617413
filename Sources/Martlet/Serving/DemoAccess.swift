import AuthorizationServer
import Identity
import JOSE
import JSON
import OAuthTypes
import Stores
import Web

/// The demo client and the demo person of development mode.
///
/// Their secrets are made at the first start and kept beside the database, so that they stay the same.
struct DemoAccess: Sendable {
    static let clientID = "demo"
    static let email = "demo@example.com"

    let clientSecret: String
    let password: String
    /// Whether they were made just now, so that what the database has belongs to others.
    let isNew: Bool

    /// The file in the folder of the database.
    static func path(in folder: String) -> String { folder + "/demo.json" }

    /// Reads the secrets, or makes them.
    init(in folder: String, random: some RandomSource) throws {
        let path = DemoAccess.path(in: folder)
        let fresh = DemoAccess.contents(
            secret: ClientSecret.generate(random),
            password: DemoAccess.newPassword(random)
        )
        isNew = try SmallFile.create(path, fresh)
        let contents = try SmallFile.read(path, limit: 4096)
        guard let object = try? JSONObject(parsing: contents.bytes), let secret = object["client_secret"]?.string,
            let password = object["password"]?.string
        else {
            throw CommandFailure("\(path) does not hold the demo secrets any more; remove it, and it is made anew")
        }
        clientSecret = secret
        self.password = password
    }

    /// What the home page shows.
    var shown: DevelopmentAccess {
        DevelopmentAccess(
            clientID: DemoAccess.clientID,
            clientSecret: clientSecret,
            email: DemoAccess.email,
            password: password
        )
    }

    /// Makes the client and the person where they are missing, or have other secrets or addresses.
    func install(in environment: ServerEnvironment, accounts: Accounts) async throws {
        try await installClient(environment)
        let users = environment.storage.users
        guard let email = Email(DemoAccess.email) else { return }
        if try await users.find(email) == nil {
            _ = try await accounts.add(
                email: DemoAccess.email, name: "Demo Person", isVerified: true, password: password)
        } else if isNew {
            try await accounts.setPassword(password, of: DemoAccess.email)
        }
    }

    private func installClient(_ environment: ServerEnvironment) async throws {
        let clients = environment.storage.clients
        guard let id = ClientID(DemoAccess.clientID) else { return }
        let found = try await clients.find(id)
        let wanted = Client(
            id: id,
            name: "Demo application",
            secretDigest: TokenDigest(of: clientSecret),
            authenticationMethods: [.clientSecretBasic, .clientSecretPost],
            redirectURIs: [try RedirectURI(registering: DevelopmentAccess.redirectURI(of: environment.issuer))],
            postLogoutRedirectURIs: [
                try RedirectURI(registering: DevelopmentAccess.postLogoutRedirectURI(of: environment.issuer))
            ],
            grantTypes: Set(GrantType.allCases),
            scopes: ScopeSet([.openid, .profile, .email, .offlineAccess] + [Scope("demo")].compactMap(\.self)),
            party: .third,
            createdAt: found?.createdAt ?? environment.clock.now
        )
        guard found != wanted else { return }
        if found != nil { _ = try await clients.remove(id) }
        _ = try await clients.insert(wanted)
    }

    /// Production refuses a database with the well-known names of the demo in it: somebody knows their secrets.
    static func refuse(in storage: Storage) async throws {
        if let id = ClientID(clientID), try await storage.clients.find(id) != nil {
            throw CommandFailure(
                .configuration,
                "the database holds the demo client of development mode; remove it with: martlet client remove \(clientID)"
            )
        }
        if let email = Email(email), let user = try await storage.users.find(email), user.disabledAt == nil {
            throw CommandFailure(
                .configuration,
                "the database holds the demo person of development mode; disable it with: martlet user disable \(email)"
            )
        }
    }

    private static func contents(secret: String, password: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.member("client_id", clientID)
            $0.member("client_secret", secret)
            $0.member("email", email)
            $0.member("password", password)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// 80 random bits in letters and digits that nobody mistakes for each other.
    private static func newPassword(_ random: some RandomSource) -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        let characters = random.bytes(16).map { alphabet[Int($0 % 32)] }
        return stride(from: 0, to: 16, by: 4).map { start in
            String(decoding: characters[start..<start + 4], as: UTF8.self)
        }.joined(separator: "-")
    }
}

public import Stores

/// A provider whose addresses and habits the program knows, so that an operator gives little more than an id and a
/// secret.
///
/// A provider joins by a file of its own and one line in `all`; whatever it sets, an operator's own setting wins.
public struct Preset: Sendable {
    /// What operators call it.
    public let name: String
    /// How it is spoken to.
    public let kind: Connector.Kind
    /// What people call the provider: the text of its button.
    public let title: String
    /// Where an operator registers us, in a few words.
    public let registration: String
    /// Whether its codes can be bound to who began, by PKCE or by a nonce.
    var bindsCodes = true
    /// Fills in what the operator has left out.
    let complete: @Sendable (inout ConnectorSettings) throws(SettingsFault) -> Void

    /// Every one, in the order of the help.
    public static let all: [Preset] = [
        .google, .entra, .apple, .linkedIn, .gitLab, .okta, .auth0, .cognito, .keycloak, .martlet,
        .gitHub, .facebook, .discord,
    ]

    /// The preset of a name.
    public static func named(_ name: String) -> Preset? { all.first { $0.name == name } }

    /// A preset that only says what is always the same.
    init(
        _ name: String, _ kind: Connector.Kind, title: String, registration: String,
        fixed: @escaping @Sendable (inout ConnectorSettings) -> Void
    ) {
        self.init(
            name, kind, title: title, registration: registration,
            completing: { (settings: inout ConnectorSettings) throws(SettingsFault) in
                var own = ConnectorSettings()
                fixed(&own)
                settings.fill(from: own)
            })
    }

    /// A preset that looks at what the operator has set.
    init(
        _ name: String, _ kind: Connector.Kind, title: String, registration: String,
        completing complete: @escaping @Sendable (inout ConnectorSettings) throws(SettingsFault) -> Void
    ) {
        self.name = name
        self.kind = kind
        self.title = title
        self.registration = registration
        self.complete = complete
    }
}

extension ConnectorSettings {
    /// The tenant, which must be a host name, or a word that can stand in an address.
    func requiredTenant() throws(SettingsFault) -> String {
        guard let tenant else { throw .missing("tenant") }
        let isPlain = tenant.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._".utf8.contains(byte)
        }
        guard isPlain else { throw .wrong("tenant", needs: "a word or a host name, without https:// and slashes") }
        return tenant
    }
}

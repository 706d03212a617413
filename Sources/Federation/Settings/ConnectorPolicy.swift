import OAuthTypes
import Stores

/// What people may do by a connector, as its operator decides.
public struct ConnectorPolicy: Sendable, Equatable {
    /// Whether the provider's word counts that an address is verified.
    public enum EmailTrust: String, Sendable, CaseIterable {
        /// Where it says so of the address.
        case stated
        /// Always: it gives addresses out itself.
        case always
        /// Never: what it calls verified may be anybody's.
        case never
    }

    /// Whether a second factor at the provider spares one here.
    public enum SecondFactorTrust: String, Sendable, CaseIterable {
        /// Never: an account with a second factor here is asked for it.
        case never
        /// Where the provider says that there was one (`amr`, `acr`).
        case stated
        /// Always: nobody gets through there without one.
        case always
    }

    /// Whose name of a person counts.
    public enum ProfilePriority: String, Sendable, CaseIterable {
        /// Ours: what the provider says is taken once, for a new account.
        case account
        /// The provider's, at every sign-in, until the person changes it here.
        case provider
    }

    /// `may_create`: whether people without an account get one; where sign-up is closed nobody does.
    public var mayCreate: Bool?
    /// `may_link`: whether people may link it to an account that they have.
    public var mayLink: Bool?
    /// `domains` of addresses whose owners may sign in; nil for all.
    public var domains: [String]?
    /// `home_domains` of addresses whose owners are sent there at once: where they type them, or a client names them.
    public var homeDomains: [String]?
    /// `clients` whose sign-in pages offer it; nil for all, and for the pages of people's own accounts always.
    public var clients: [String]?
    /// `direct_clients`, whose people are sent there at once.
    public var directClients: [String]?
    /// `email_verified`.
    public var emailTrust: EmailTrust?
    /// `second_factor`.
    public var secondFactorTrust: SecondFactorTrust?
    /// `second_factor_acr`: values of `acr` by which the provider says that there was one.
    public var secondFactorContexts: [String]?
    /// `group_names`: what groups there are called here, and none but these count; nil for all, as `ID:NAME`.
    public var groupNames: [String: String]?
    /// `profile`.
    public var profile: ProfilePriority?

    /// A policy that leaves everything at what is usual.
    public init() {}

    init(_ reader: inout SettingsReader) throws(SettingsFault) {
        mayCreate = try reader.flag("may_create")
        mayLink = try reader.flag("may_link")
        domains = try reader.texts("domains")
        homeDomains = try reader.texts("home_domains")
        clients = try reader.texts("clients")
        directClients = try reader.texts("direct_clients")
        emailTrust = try reader.word("email_verified")
        secondFactorTrust = try reader.word("second_factor")
        secondFactorContexts = try reader.texts("second_factor_acr")
        groupNames = try reader.pairs("group_names")
        profile = try reader.word("profile")
        for (name, list) in [("domains", domains), ("home_domains", homeDomains)] {
            let isOdd = list?.contains { $0.contains("@") || $0 != $0.lowercased() || $0.isEmpty } ?? false
            if isOdd { throw .wrong(name, needs: "a list of domains in small letters, without @") }
        }
    }

    /// Whether the owner of an address may come in: byte for byte the part behind its last `@`.
    public func admits(address: String?) -> Bool {
        guard let domains else { return true }
        return ConnectorPolicy.holds(domains, address)
    }

    /// Whether the owner of an address is sent here without being asked.
    public func isHome(of address: String) -> Bool { ConnectorPolicy.holds(homeDomains ?? [], address) }

    /// What groups there are called here, each once, a thousand at most.
    ///
    /// Whose names are not set is called `ID:NAME`: nobody at a provider chooses a name that a group of ours has.
    func groups(named names: [String], of connector: ConnectorID) -> [String] {
        var seen: Set<String> = []
        let own = names.compactMap { name in groupNames.map { $0[name] } ?? "\(connector.rawValue):\(name)" }
        return Array(
            own.filter { (1...200).contains($0.unicodeScalars.count) && seen.insert($0).inserted }.prefix(1000))
    }

    /// Whether people of a client are sent here without being asked.
    public func isHome(ofClient client: String) -> Bool { directClients?.contains(client) ?? false }

    /// Whether it is the home of a domain.
    public func isHome(ofDomain domain: String) -> Bool {
        homeDomains?.contains { $0.utf8.elementsEqual(domain.utf8) } ?? false
    }

    /// Whether a client's sign-in page offers it.
    public func serves(client: String) -> Bool { clients?.contains(client) ?? true }

    private static func holds(_ domains: [String], _ address: String?) -> Bool {
        guard let address, let at = address.lastIndex(of: "@") else { return false }
        let domain = address[address.index(after: at)...]
        return domains.contains { $0.utf8.elementsEqual(domain.utf8) }
    }
}

import Directory
import Federation
import OAuthTypes
import Stores

/// What no two connectors may claim at once: then nobody could say which of them somebody is asked about, or sent to.
///
/// A directory and a provider may have one domain: people are sent to the provider, and the page of the password is there
/// for whom it refuses. An account may have a password here and one there: ours is compared first, and either opens it.
enum ConnectorRivals {
    /// Refuses connectors of which one that was changed claims what another one has; what is disabled claims nothing.
    static func check(_ changed: [Connector], among all: [Connector]) throws(CommandFailure) {
        let others = all.filter { one in !changed.contains { $0.id == one.id } }
        let new = changed.map { (id: $0.id, claim: Claim(of: $0)) }
        for (index, one) in new.enumerated() {
            for other in others.map({ (id: $0.id, claim: Claim(of: $0)) }) + new[..<index] {
                guard let rivalry = one.claim.rivalry(with: other.claim) else { continue }
                throw CommandFailure(
                    .badData,
                    "connectors \(other.id) and \(one.id) both have \(rivalry.what) \(Console.visible(rivalry.name)), and "
                        + "nobody could say which of them counts: take it out of \(rivalry.member) of one of them, or "
                        + "disable that one")
            }
        }
    }

    /// What both of two connectors have.
    struct Rivalry: Equatable {
        let what: String
        let name: String
        let member: String
    }

    /// Whom a connector answers for.
    private struct Claim {
        var passwordDomains: Set<String> = []
        var homeDomains: Set<String> = []
        var directClients: Set<String> = []
        /// Nil for all.
        var clients: Set<String>?

        init(of connector: Connector) {
            guard connector.isEnabled else { return }
            if connector.kind == .ldap {
                passwordDomains = Set((try? DirectorySettings(connector))?.domains ?? [])
            } else if let policy = (try? ConnectorSettings(completing: connector))?.policy {
                homeDomains = Set(policy.homeDomains ?? [])
                directClients = Set(policy.directClients ?? [])
                clients = policy.clients.map { Set($0) }
            }
        }

        func rivalry(with other: Claim) -> Rivalry? {
            if let domain = passwordDomains.intersection(other.passwordDomains).min() {
                return Rivalry(what: "passwords of", name: domain, member: "domains")
            }
            let isSeen = clients.flatMap { own in other.clients.map { !own.isDisjoint(with: $0) } } ?? true
            if isSeen, let domain = homeDomains.intersection(other.homeDomains).min() {
                return Rivalry(what: "the people of", name: domain, member: "home_domains")
            }
            if let client = directClients.intersection(other.directClients).min() {
                return Rivalry(what: "the people of the client", name: client, member: "direct_clients")
            }
            return nil
        }
    }
}

public import JOSE
public import OAuthTypes
public import Stores

/// A person of an export, with all that is taken over: nothing of it is wrong by itself.
public struct ImportedPerson: Sendable, Equatable {
    /// The identifier where they come from, or their address: one account each.
    public let source: String
    /// The address used to sign in.
    public let email: Email
    /// Whether it was proven there.
    public let isEmailVerified: Bool
    /// The full name; may be empty.
    public let name: String
    /// Their password; nil where they choose a new one by a link in a mail.
    public let hash: ForeignHash?
    /// The secret that they share with an app for codes.
    public let authenticator: Secret?
    /// Whether the account was closed there.
    public let isDisabled: Bool
    /// When the account was made there.
    public let createdAt: Timestamp?
    /// What they belong to and may do: groups, and roles.
    public let memberships: Set<Membership>
    /// Where else they sign in.
    public let identities: [Identity]
    /// Providers at which they sign in and for which there is no connector here, as the export calls them.
    public let unknownProviders: [String]
    /// What of the row has no place here, by name.
    public let left: [String]

    /// Who they are at a connector.
    public struct Identity: Sendable, Hashable {
        /// The connector.
        public let connector: ConnectorID
        /// Who they are there.
        public let subject: String
    }
}

/// What is done about what cannot be taken over.
public struct ImportRules: Sendable, Equatable {
    /// What is done.
    public enum Choice: Sendable, Equatable {
        /// The row is refused.
        case refuse
        /// The row is taken without it.
        case drop
    }

    /// Second factors that are not TOTP as every app knows it.
    public var unusableSecondFactors: Choice
    /// Password hashes of kinds that are not known, or too costly.
    public var unusablePasswords: Choice
    /// The connectors that their identities elsewhere are linked to.
    public var connectors: ConnectorAliases

    /// Rules.
    public init(
        unusableSecondFactors: Choice = .refuse, unusablePasswords: Choice = .refuse,
        connectors: ConnectorAliases = ConnectorAliases()
    ) {
        self.unusableSecondFactors = unusableSecondFactors
        self.unusablePasswords = unusablePasswords
        self.connectors = connectors
    }
}

/// A person as a format tells of them, before anything is looked at.
struct PersonDraft {
    /// A password, in whatever form.
    enum Password {
        case none
        case hash(ForeignHash)
        case unusable(ForeignHash.Refusal)
    }

    /// A second factor, in whatever form.
    enum SecondFactor {
        case none
        case totp(Secret)
        case unusable(String)
    }

    /// An account of theirs at another provider.
    struct Identity {
        /// What the provider is called where they come from.
        let provider: String
        /// Who they are there.
        let subject: String
    }

    var source: String?
    /// What lists of members may call them, each with what kind of name it is; empty where that is `source`.
    var listNames: [String] = []
    var email: String?
    var isEmailVerified = false
    var name: String?
    var password = Password.none
    var secondFactor = SecondFactor.none
    var isDisabled = false
    var createdAt: Timestamp?
    var groups: [String] = []
    var roles: [String] = []
    var identities: [Identity] = []
    var left: [String] = []
}

extension ImportedPerson {
    /// Looks at everything that a row tells.
    init(_ draft: PersonDraft, _ rules: ImportRules, in lists: Set<Membership> = []) throws(RowRefusal) {
        guard let text = draft.email, !text.isEmpty else { throw RowRefusal(.noEmail) }
        guard let email = Email(text) else { throw RowRefusal(.invalidEmail) }
        var name = draft.name ?? ""
        // Auth0 has the address for a name where there is none: no clients are told that.
        if name == text { name = "" }
        guard Accounts.isFit(name: name) else { throw RowRefusal(.invalidName) }
        var left = draft.left
        var hash: ForeignHash?
        switch draft.password {
        case .none: break
        case .hash(let value): hash = value
        case .unusable(let refusal):
            guard rules.unusablePasswords == .drop else { throw RowRefusal(.unusableHash, refusal.rawValue) }
            left.append("password")
        }
        var authenticator: Secret?
        switch draft.secondFactor {
        case .none: break
        case .totp(let secret): authenticator = secret
        case .unusable(let kind):
            guard rules.unusableSecondFactors == .drop else { throw RowRefusal(.unusableSecondFactor, kind) }
            left.append("second factor")
        }
        let memberships = draft.memberships(lists, &left)
        let (identities, unknown) = draft.identities(rules.connectors, &left)
        self.init(
            source: draft.source ?? email.rawValue, email: email, isEmailVerified: draft.isEmailVerified, name: name,
            hash: hash, authenticator: authenticator, isDisabled: draft.isDisabled, createdAt: draft.createdAt,
            memberships: memberships, identities: identities, unknownProviders: unknown, left: left)
    }
}

extension PersonDraft {
    /// Who they are at connectors, and the providers for which there is none; what no connector could say of anybody is
    /// noted as left.
    fileprivate func identities(
        _ connectors: ConnectorAliases, _ left: inout [String]
    ) -> ([ImportedPerson.Identity], unknown: [String]) {
        var (known, unknown): ([ImportedPerson.Identity], [String]) = ([], [])
        var areAllKept = true
        for identity in identities {
            guard let connector = connectors[identity.provider] else {
                if !unknown.contains(identity.provider) { unknown.append(identity.provider) }
                continue
            }
            let found = ImportedPerson.Identity(connector: connector, subject: identity.subject)
            guard !known.contains(found) else { continue }
            guard (1...512).contains(identity.subject.utf8.count), known.count < 100 else {
                areAllKept = false
                continue
            }
            known.append(found)
        }
        if !areAllKept { left.append("some identities") }
        return (known, unknown)
    }
}

extension PersonDraft {
    /// Groups and roles; what has a name that none can have is noted as left.
    fileprivate func memberships(_ lists: Set<Membership>, _ left: inout [String]) -> Set<Membership> {
        var memberships: Set<Membership> = []
        for (kind, names) in [(Membership.Kind.group, groups), (.role, roles)] {
            let known = names.compactMap { MembershipName($0) }
            for name in known where memberships.count < Membership.limit { memberships.insert(Membership(kind, name)) }
            if Set(names).count > memberships.count(where: { $0.kind == kind }) {
                left.append("some \(kind.rawValue)s")
            }
        }
        let listed = lists.subtracting(memberships)
        guard memberships.count + listed.count <= Membership.limit else {
            left.append("what lists of members say")
            return memberships
        }
        return memberships.union(listed)
    }
}

extension PersonDraft.Password {
    /// The hash that `make` reads.
    init(_ make: () throws(ForeignHash.Refusal) -> ForeignHash) {
        do { self = .hash(try make()) } catch { self = .unusable(error) }
    }
}

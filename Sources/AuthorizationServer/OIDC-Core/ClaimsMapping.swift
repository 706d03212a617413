public import JSON
public import OAuthTypes
public import Stores

/// Which claims of an operator's own are told of people, where and to whom, and what they are made of.
///
/// A list of rules that a file names: nothing in it is a program. What the specifications define cannot be redefined.
public struct ClaimsMapping: Sendable, Equatable {
    /// Where a claim is told.
    public enum Place: String, Sendable, CaseIterable {
        /// OpenID Connect Core §2.
        case idToken = "id_token"
        /// OpenID Connect Core §5.3.
        case userInfo = "userinfo"
        /// RFC 9068 §2.2.
        case accessToken = "access_token"
    }

    /// What a claim is made of.
    public enum Source: Sendable, Equatable {
        /// The names of groups or roles: always a list.
        case memberships(Membership.Kind)
        /// What a person tells of themselves.
        case detail(ProfileDetails.Field)
        /// Their name.
        case name
        /// Their address.
        case email
        /// The same for everybody.
        case fixed(JSONValue)
    }

    /// One claim.
    public struct Rule: Sendable, Equatable {
        /// Its name.
        public let claim: String
        /// What it is made of.
        public let source: Source
        /// Where it is told.
        public let places: Set<Place>
        /// Scopes of which one is needed; empty: none is.
        public let scopes: ScopeSet
        /// The clients that are told; empty: every one.
        public let clients: Set<ClientID>
        /// What groups or roles are called, and the only ones that are told; empty: all, by their names.
        public let values: [String: String]
    }

    /// The rules, in the order of the file.
    public private(set) var rules: [Rule] = []

    /// No claims but those of the specifications.
    public init() {}

    /// The most rules.
    public static let limit = 100

    /// What is wrong with a file, in words that follow "it".
    public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// The number of the rule, from 1; nil for the file.
        public let rule: Int?
        /// What is wrong.
        public let reason: String

        /// One sentence.
        public var description: String { (rule.map { "rule \($0) " } ?? "it ") + reason }
    }

    /// Reads the operator's file; whatever is not known in it is a mistake.
    public init(_ document: JSONObject) throws(Refusal) {
        for member in document where member.name != "claims" {
            throw Refusal(rule: nil, reason: "has a member that does not exist")
        }
        guard let entries = document["claims"]?.array, entries.count <= ClaimsMapping.limit else {
            throw Refusal(rule: nil, reason: "needs the member claims: a list of \(ClaimsMapping.limit) rules at most")
        }
        for (index, entry) in entries.enumerated() {
            guard let entry = entry.object else { throw Refusal(rule: index + 1, reason: "is no object") }
            rules.append(try Rule(entry, number: index + 1))
        }
        for (index, rule) in rules.enumerated() {
            // Two with one name would be two members of one name.
            let isTwice = rules.prefix(index).contains {
                $0.claim == rule.claim && !$0.places.isDisjoint(with: rule.places)
            }
            guard !isTwice else {
                throw Refusal(rule: index + 1, reason: "names a claim that another rule tells there")
            }
        }
    }

    /// The names of the claims, once each.
    public var claims: [String] {
        var names: [String] = []
        for rule in rules where !names.contains(rule.claim) { names.append(rule.claim) }
        return names
    }

    /// The rules that hold in a place, for a client, with scopes.
    func rules(in place: Place, for client: ClientID, _ scopes: ScopeSet) -> [Rule] {
        rules.filter { rule in
            rule.places.contains(place) && (rule.clients.isEmpty || rule.clients.contains(client))
                && (rule.scopes.isEmpty || !rule.scopes.intersection(scopes).isEmpty)
        }
    }

    /// What the specifications define, or may: OpenID Connect Core §2 and §5.1, RFC 7519, 7662, 8693, 9068, 9449, 9396.
    static let reserved: Set<String> = Set(
        [
            "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "nonce", "acr", "amr", "azp", "sid",
            "at_hash",
            "c_hash", "s_hash", "client_id", "scope", "cnf", "act", "may_act", "grant_id", "active", "username",
            "token_type", "events", "toe", "txn", "authorization_details", "token_introspection", "entitlements_uri",
            "verified_claims", "_claim_names", "_claim_sources", "sub_jwk", "htm", "htu", "ath", "vot", "vtm",
        ] + StandardClaim.allCases.map(\.rawValue))
}

extension ClaimsMapping.Rule {
    private static let members: Set<String> = ["claim", "from", "value", "in", "scopes", "clients", "values"]

    fileprivate init(_ entry: JSONObject, number: Int) throws(ClaimsMapping.Refusal) {
        func refusal(_ reason: String) -> ClaimsMapping.Refusal { ClaimsMapping.Refusal(rule: number, reason: reason) }
        for member in entry where !Self.members.contains(member.name) {
            throw refusal("has a member that does not exist")
        }
        guard let claim = entry["claim"]?.string, (1...128).contains(claim.utf8.count),
            claim.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"\\#".utf8.contains($0) })
        else { throw refusal("needs claim: 1 to 128 printable ASCII characters") }
        guard !ClaimsMapping.reserved.contains(claim) else {
            throw refusal("names a claim that a specification defines")
        }
        self.claim = claim
        switch (entry["from"]?.string, entry["value"]) {
        case (let text?, nil):
            guard let source = ClaimsMapping.Source(named: text) else {
                throw refusal("has a from that does not exist")
            }
            self.source = source
        case (nil, let value?) where entry["from"] == nil:
            guard value.jsonBytes().count <= MappedClaims.limit else { throw refusal("has a value that is too long") }
            source = .fixed(value)
        default: throw refusal("needs either from or value")
        }
        let places = entry["in"]?.array?.compactMap { $0.string.flatMap(ClaimsMapping.Place.init(rawValue:)) } ?? []
        guard !places.isEmpty, places.count == entry["in"]?.array?.count else {
            throw refusal("needs in: a list of id_token, userinfo or access_token")
        }
        self.places = Set(places)
        scopes = try Self.words(entry, "scopes", refusal) { Scope($0) }.map { ScopeSet($0) } ?? []
        clients = Set(try Self.words(entry, "clients", refusal) { ClientID($0) } ?? [])
        var values: [String: String] = [:]
        if let given = entry["values"] {
            guard case .memberships = source, let object = given.object, !object.isEmpty else {
                throw refusal("has values, which only groups and roles have: an object of names")
            }
            for member in object {
                guard let text = member.value.string, !text.isEmpty else {
                    throw refusal("has a value that is no text")
                }
                values[member.name] = text
            }
        }
        self.values = values
    }

    private static func words<Word>(
        _ entry: JSONObject, _ name: String, _ refusal: (String) -> ClaimsMapping.Refusal, _ read: (String) -> Word?
    ) throws(ClaimsMapping.Refusal) -> [Word]? {
        guard let value = entry[name] else { return nil }
        let words = value.array?.compactMap { $0.string.flatMap(read) } ?? []
        guard !words.isEmpty, words.count == value.array?.count else {
            throw refusal("needs \(name) as a list of such, or not at all")
        }
        return words
    }
}

extension ClaimsMapping.Source {
    fileprivate init?(named text: String) {
        switch text {
        case "groups": self = .memberships(.group)
        case "roles": self = .memberships(.role)
        case "name": self = .name
        case "email": self = .email
        default:
            guard let field = ProfileDetails.Field(rawValue: text) else { return nil }
            self = .detail(field)
        }
    }
}

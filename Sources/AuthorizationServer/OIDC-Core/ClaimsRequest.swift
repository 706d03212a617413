public import JSON
public import OAuthTypes
import Stores

/// What a request asks to be told by name: `claims`, OpenID Connect Core §5.5, with `acr_values` and `claims_locales`.
///
/// A grant keeps it, so that what was asked for once is told as long as the grant holds.
public struct ClaimsRequest: Sendable, Equatable {
    /// One claim.
    public struct Item: Sendable, Equatable {
        /// Which one, in which language.
        public let name: ClaimName
        /// Whether the client says that it cannot do without; nothing fails for the lack of one (§5.5.1).
        public let isEssential: Bool
        /// The values that are of use to the client; any where there is none.
        let values: [JSONValue]

        /// Whether a value is one that the client wants to hear: any other is not told.
        func wants(_ value: JSONValue) -> Bool { values.isEmpty || values.contains(value) }
    }

    /// How strong the sign-in is to be: `acr`, §5.5.1.1.
    public struct Strength: Sendable, Equatable {
        /// The names of the client's choice, the best first.
        public let names: [String]
        /// Whether the request fails where none of them can be reached.
        public let isEssential: Bool
    }

    /// From the UserInfo endpoint.
    public internal(set) var userInfo: [Item] = []
    /// In the ID token.
    public internal(set) var idToken: [Item] = []
    /// How strong the sign-in is to be; nil where it does not matter.
    public internal(set) var strength: Strength?
    /// The languages in which claims are wanted, the best first.
    public internal(set) var locales: [LanguageTag] = []
    /// The resources that tokens may be for; empty for this server (RFC 8707 §2.1).
    var resources: [ResourceIdentifier] = []
    /// Who alone may answer, by `sub`; nil where anybody may.
    var subject: String?

    /// Nothing.
    init() {}

    /// The most claims that are read.
    static let limit = 100

    /// Every claim that is asked for, whether in one place or the other.
    public var claims: [StandardClaim] {
        let asked = Set((userInfo + idToken).map(\.name.claim))
        return StandardClaim.allCases.filter(asked.contains)
    }

    private var isEmpty: Bool {
        userInfo.isEmpty && idToken.isEmpty && strength == nil && locales.isEmpty && resources.isEmpty
    }
}

extension ClaimsRequest {
    /// Reads the parameters of a request.
    ///
    /// Claims that are not known, and those behind scopes that the client may not ask for, are left out.
    init(_ parameters: FormParameters, from client: Client) throws(OAuthError) {
        if let text = parameters[.claims] {
            guard let object = ClaimsRequest.object(text) else {
                throw OAuthError(
                    .invalidRequest, "claims must be a JSON object with the members userinfo and id_token",
                    advice:
                        #"claims is such as {"userinfo":{"email":null},"id_token":{"auth_time":{"essential":true}}}, form-encoded once"#,
                    rule: "OpenID Connect Core §5.5")
            }
            try read(object)
            userInfo.removeAll { !client.scopes.contains($0.name.claim.scope) }
            idToken.removeAll { !client.scopes.contains($0.name.claim.scope) }
        }
        if let text = parameters[.acrValues], strength == nil {
            let names = text.split(separator: " ").prefix(10).map(String.init)
            if !names.isEmpty { strength = Strength(names: names, isEssential: false) }
        }
        if strength == nil, parameters[.acrValues] == nil, !client.metadata.defaultACRValues.isEmpty {
            // Registration §2: what a request asks for wins.
            let names = client.metadata.defaultACRValues.prefix(10).map(\.rawValue)
            strength = Strength(names: names, isEssential: false)
        }
        locales = LanguageTag.list(parameters[.claimsLocales] ?? "")
    }

    private mutating func read(_ object: JSONObject) throws(OAuthError) {
        for place in [\ClaimsRequest.userInfo, \.idToken] {
            let name = place == \.userInfo ? "userinfo" : "id_token"
            guard let member = object[name], !member.isNull else { continue }
            guard let wishes = member.object, wishes.count <= ClaimsRequest.limit else {
                throw OAuthError(
                    .invalidRequest, "a member of claims must be an object of claims",
                    advice: "userinfo and id_token hold an object each, of \(ClaimsRequest.limit) claims at most",
                    rule: "OpenID Connect Core §5.5")
            }
            for wish in wishes {
                guard wish.value.isNull || wish.value.object != nil else {
                    throw OAuthError(
                        .invalidRequest, "a claim is asked for by null or an object",
                        advice: "a claim is asked for by null or by an object with essential, value or values",
                        rule: "OpenID Connect Core §5.5.1")
                }
                let isEssential = wish.value.object?["essential"]?.bool ?? false
                var values = wish.value.object?["values"]?.array ?? []
                if let value = wish.value.object?["value"] { values = [value] }
                switch wish.name {
                case "sub":
                    // §5.5.1: a success for anybody else would be a mistake.
                    if let value = values.first?.string { subject = value }
                case "acr" where place == \.idToken:
                    let names = values.compactMap(\.string)
                    if !names.isEmpty { strength = Strength(names: names, isEssential: isEssential) }
                default:
                    guard let name = ClaimName(wish.name) else { continue }
                    self[keyPath: place].append(Item(name: name, isEssential: isEssential, values: values))
                }
            }
        }
    }

    private static func object(_ text: String) -> JSONObject? {
        try? JSONObject(
            parsing: text.utf8.span, limits: JSONLimits(bytes: AuthorizationEndpoint.requestLimit, depth: 5))
    }
}

extension ClaimsRequest: JSONEncodable {
    /// The text that a grant keeps; nil where nothing was asked for.
    var kept: String? { isEmpty ? nil : String(decoding: jsonBytes(), as: UTF8.self) }

    /// Refuses what could not be read again from a grant.
    ///
    /// The text is longer and deeper than the parameters were, and with it resources and the strength of the sign-in
    /// would be lost: a token for less would silently be one for more.
    func requireKeeping() throws(OAuthError) {
        guard let kept else { return }
        guard let object = ClaimsRequest.object(kept) else {
            throw OAuthError(
                .invalidRequest, "claims and resources say more than can be kept",
                advice:
                    "the claims and resources that are asked for are kept with the grant: ask for fewer, or by scopes",
                rule: "OpenID Connect Core §5.5, RFC 8707 §2")
        }
        var again = ClaimsRequest()
        try again.read(object)
    }

    /// Reads what a grant keeps; nothing where it cannot be read.
    init(kept text: String?) {
        guard let text, let object = ClaimsRequest.object(text) else { return }
        try? read(object)
        locales = LanguageTag.list(object["locales"]?.string ?? "")
        resources = object["resources"]?.array?.compactMap { $0.string.flatMap { ResourceIdentifier($0) } } ?? []
    }

    /// Writes what a grant keeps: the members of `claims`, and two of ours.
    public func encode(to writer: inout JSONWriter) {
        writer.object { writer in
            if !userInfo.isEmpty { writer.object("userinfo") { $0.items(userInfo) } }
            if !idToken.isEmpty || strength != nil {
                writer.object("id_token") { writer in
                    writer.items(idToken)
                    if let strength {
                        writer.object("acr") {
                            $0.member("essential", strength.isEssential)
                            $0.member("values", strength.names)
                        }
                    }
                }
            }
            if !locales.isEmpty { writer.member("locales", locales.map(\.rawValue).joined(separator: " ")) }
            if !resources.isEmpty { writer.member("resources", resources.map(\.rawValue)) }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func items(_ items: [ClaimsRequest.Item]) {
        for item in items {
            var wish = JSONObject()
            if item.isEssential { wish["essential"] = .bool(true) }
            if !item.values.isEmpty { wish["values"] = .array(item.values) }
            member(named: item.name.description, JSONValue.object(wish))
        }
    }
}

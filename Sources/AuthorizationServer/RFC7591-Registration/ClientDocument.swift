public import JSON
public import OAuthTypes
public import Stores

/// A client as a document describes it: RFC 7591 §2.
///
/// Every member is well formed; whether they go together is for `RegistrationRule`.
public struct ClientDocument: Sendable, Equatable {
    /// `redirect_uris`.
    public var redirectURIs: [RedirectURI] = []
    /// `post_logout_redirect_uris`: RP-Initiated Logout §2.1.
    public var postLogoutRedirectURIs: [RedirectURI] = []
    /// `grant_types`; nil where none are named.
    public var grantTypes: Set<GrantType>?
    /// `scope`; nil where none is named.
    public var scopes: ScopeSet?
    /// `token_endpoint_auth_method`; nil where none is named.
    public var authenticationMethod: ClientAuthenticationMethod?
    /// Everything else.
    public var metadata = ClientMetadata()

    /// An empty one.
    public init() {}

    /// Reads a document: RFC 7591 §3.1.
    ///
    /// Members that are not known are ignored; null stands for a member that is not there.
    public init(_ document: JSONObject) throws(RegistrationRefusal) {
        redirectURIs = try ClientDocument.addresses(document, "redirect_uris")
        postLogoutRedirectURIs = try ClientDocument.addresses(document, "post_logout_redirect_uris")
        if let words = try ClientDocument.texts(document, "grant_types") {
            var types: Set<GrantType> = []
            for word in words {
                guard let type = GrantType(rawValue: word) else {
                    throw RegistrationRefusal("grant_types", "names something that is not supported")
                }
                types.insert(type)
            }
            grantTypes = types
        }
        if let value = ClientDocument.member(document, "scope") {
            guard let text = value.string, let scopes = ScopeSet(parsing: text) else {
                throw RegistrationRefusal("scope", "must be scopes with a space between them")
            }
            self.scopes = scopes
        }
        if let value = ClientDocument.member(document, ClientDocument.methodMember) {
            guard let method = value.string.flatMap(ClientAuthenticationMethod.init(rawValue:)) else {
                throw RegistrationRefusal(ClientDocument.methodMember, "names something that is not supported")
            }
            authenticationMethod = method
        }
        var rest = document
        rest[ClientDocument.methodMember] = nil
        do throws(ClientMetadata.Refusal) {
            metadata = try ClientMetadata(rest)
        } catch {
            throw RegistrationRefusal(error)
        }
        if authenticationMethod.map({ !$0.needsOnlyADigest }) ?? false {
            metadata.tokenEndpointAuthMethod = authenticationMethod
        }
    }

    /// A client as a document would describe it.
    public init(_ client: Client) {
        redirectURIs = client.redirectURIs
        postLogoutRedirectURIs = client.postLogoutRedirectURIs
        grantTypes = client.grantTypes
        scopes = client.scopes
        authenticationMethod = ClientAuthenticationMethod.allCases.first(where: client.authenticationMethods.contains)
        metadata = client.metadata
        metadata.clientName.plain = DisplayText(client.name)
    }

    private static let methodMember = "token_endpoint_auth_method"

    private static func member(_ document: JSONObject, _ name: String) -> JSONValue? {
        document[name].flatMap { $0.isNull ? nil : $0 }
    }

    private static func texts(
        _ document: JSONObject, _ name: String, _ code: RegistrationRefusal.Code = .invalidClientMetadata
    ) throws(RegistrationRefusal) -> [String]? {
        guard let value = member(document, name) else { return nil }
        guard let values = value.array, values.count <= 100 else {
            throw RegistrationRefusal(code, name, "must be a list of at most 100")
        }
        var texts: [String] = []
        for value in values {
            guard let text = value.string else { throw RegistrationRefusal(code, name, "must be a list of strings") }
            texts.append(text)
        }
        return texts
    }

    private static func addresses(
        _ document: JSONObject, _ name: String
    ) throws(RegistrationRefusal) -> [RedirectURI] {
        let code: RegistrationRefusal.Code =
            name == "redirect_uris" ? .invalidRedirectURI : .invalidClientMetadata
        var addresses: [RedirectURI] = []
        for text in try texts(document, name, code) ?? [] {
            do throws(RedirectURI.Refusal) {
                let address = try RedirectURI(registering: text)
                if !addresses.contains(address) { addresses.append(address) }
            } catch {
                throw RegistrationRefusal(code, name, refused: error)
            }
        }
        return addresses
    }
}

extension RegistrationRefusal {
    fileprivate init(_ code: Code, _ member: String, refused refusal: RedirectURI.Refusal) {
        self.code = code
        self.member = member
        reason = refusal.rawValue
    }
}

extension ClientDocument: JSONEncodable {
    /// Writes an object of the members that are there.
    public func encode(to writer: inout JSONWriter) {
        writer.object { encodeMembers(to: &$0) }
    }

    /// Writes the members that are there.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("redirect_uris", redirectURIs.map(\.rawValue))
        if !postLogoutRedirectURIs.isEmpty {
            writer.member("post_logout_redirect_uris", postLogoutRedirectURIs.map(\.rawValue))
        }
        writer.member(
            "grant_types", grantTypes.map { types in GrantType.allCases.filter(types.contains).map(\.rawValue) })
        writer.member("scope", scopes.flatMap { $0.isEmpty ? nil : $0.description })
        if metadata.tokenEndpointAuthMethod == nil {
            writer.member("token_endpoint_auth_method", authenticationMethod?.rawValue)
        }
        metadata.encodeMembers(to: &writer)
    }

    /// The document as a value, to be patched and read again.
    public var object: JSONObject {
        (try? JSONObject(parsing: jsonBytes())) ?? JSONObject()  // what we wrote is an object
    }
}

extension JSONObject {
    /// The object with the members of another one in place of its own, null taking one away: RFC 7396 §2, one level deep.
    public func patched(with patch: JSONObject) -> JSONObject {
        var result = self
        for member in patch { result[member.name] = member.value.isNull ? nil : member.value }
        return result
    }
}

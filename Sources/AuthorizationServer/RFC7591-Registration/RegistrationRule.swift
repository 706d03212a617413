public import JOSE
import JSON
import OAuthTypes
import Stores

/// A rule on how the members of a client's document go together: RFC 7591 §2, OpenID Connect Registration §2.
struct RegistrationRule: Sendable {
    let check: @Sendable (ClientDocument) throws(RegistrationRefusal) -> Void

    private init(_ check: @escaping @Sendable (ClientDocument) throws(RegistrationRefusal) -> Void) {
        self.check = check
    }

    /// Every rule, in running order.
    static let all: [RegistrationRule] = [
        .redirectURIs,  // RFC 7591 §2, Registration §2
        .grantTypes,  // RFC 7591 §2.1
        .responseTypes,
        .keys,  // RFC 7591 §2
        .authenticationMethod,  // Registration §2, RFC 7518 §3.2
        .sector,  // Core §8.1
        .encryption,  // Registration §2
        .requestObjects,  // Core §6.2, RFC 9101 §10.5
        .logout,  // Front-Channel Logout §2
    ]

    /// A flow that ends at the client needs an address there; what a kind of application may name is its own.
    static let redirectURIs = RegistrationRule { (document) throws(RegistrationRefusal) in
        let uris = document.redirectURIs
        guard !uris.isEmpty || !(document.grantTypes ?? [.authorizationCode]).contains(.authorizationCode) else {
            throw RegistrationRefusal(.invalidRedirectURI, "redirect_uris", "must name at least one address")
        }
        // Nothing but a form post or a fragment carries an ID token, and a page without TLS would lay it open.
        guard !document.metadata.responseTypes.contains(.codeIDToken) || uris.allSatisfy({ !$0.staysOnDevice }) else {
            throw RegistrationRefusal(
                .invalidRedirectURI, "redirect_uris", "must use https for the response type code id_token")
        }
    }

    static let grantTypes = RegistrationRule { (document) throws(RegistrationRefusal) in
        guard let grants = document.grantTypes else { return }
        guard !grants.isEmpty else { throw RegistrationRefusal("grant_types", "must not be empty") }
        guard !grants.contains(.refreshToken) || grants.contains(.authorizationCode) else {
            throw RegistrationRefusal("grant_types", "must name authorization_code for refresh_token to come from")
        }
        guard !grants.contains(.clientCredentials) || document.authenticationMethod != ClientAuthenticationMethod.none
        else {
            // RFC 6749 §4.4: for confidential clients only.
            throw RegistrationRefusal("grant_types", "must not name client_credentials for a public client")
        }
    }

    static let responseTypes = RegistrationRule { (document) throws(RegistrationRefusal) in
        let types = document.metadata.responseTypes
        guard types.isEmpty || (document.grantTypes ?? [.authorizationCode]).contains(.authorizationCode) else {
            throw RegistrationRefusal("response_types", "needs the grant type authorization_code")
        }
        guard !types.contains(.codeIDToken) || document.metadata.allows(.hybrid) else {
            throw RegistrationRefusal("response_types", "must be code, the only one that clients may have here")
        }
    }

    static let keys = RegistrationRule { (document) throws(RegistrationRefusal) in
        guard let jwks = document.metadata.jwks else { return }
        guard document.metadata.jwksURI == nil else {
            throw RegistrationRefusal("jwks", "must not come together with jwks_uri")
        }
        do throws(JOSEError) {
            _ = try JWKSet(jwks)
        } catch {
            throw switch error {
            case .privateKey: RegistrationRefusal("jwks", "must not hold private keys")
            case .weakKey: RegistrationRefusal("jwks", "holds a key that is too short")
            case .ambiguousKeys: RegistrationRefusal("jwks", "holds two keys with the same kid")
            default: RegistrationRefusal("jwks", "must be a set of public keys")
            }
        }
    }

    static let authenticationMethod = RegistrationRule { (document) throws(RegistrationRefusal) in
        let member = "token_endpoint_auth_signing_alg"
        switch (document.metadata.tokenEndpointAuthSigningAlg, document.authenticationMethod) {
        case (nil, _): break
        case (.signature, .privateKeyJWT), (.mac, .clientSecretJWT): break
        case (_, .privateKeyJWT), (_, .clientSecretJWT):
            throw RegistrationRefusal(member, "does not fit token_endpoint_auth_method")
        case (_, _):
            throw RegistrationRefusal(member, "says nothing without assertions in token_endpoint_auth_method")
        }
        if document.authenticationMethod == .privateKeyJWT {
            guard document.metadata.jwks != nil || document.metadata.jwksURI != nil else {
                throw RegistrationRefusal("jwks", "or jwks_uri must be there for private_key_jwt")
            }
        }
    }

    /// All redirect URIs of a pairwise client are one sector: by their host, or by a document that lists them.
    static let sector = RegistrationRule { (document) throws(RegistrationRefusal) in
        if let address = document.metadata.sectorIdentifierURI, !address.isSecure {
            throw RegistrationRefusal("sector_identifier_uri", "must use https")
        }
        guard document.metadata.subjectType == .pairwise, document.metadata.sectorIdentifierURI == nil else { return }
        let hosts = Set(document.redirectURIs.map { $0.origin.flatMap { WebAddress($0)?.host } ?? $0.rawValue })
        guard hosts.count <= 1 else {
            throw RegistrationRefusal("sector_identifier_uri", "must be there: the redirect_uris have several hosts")
        }
    }

    /// `enc` without `alg` would promise what nobody does; without keys there is nothing to encrypt to.
    static let encryption = RegistrationRule { (document) throws(RegistrationRefusal) in
        let data = document.metadata
        let pairs: [(String, KeyManagementAlgorithm?, ContentEncryption?)] = [
            ("id_token", data.idTokenEncryptedResponseAlg, data.idTokenEncryptedResponseEnc),
            ("userinfo", data.userinfoEncryptedResponseAlg, data.userinfoEncryptedResponseEnc),
            ("introspection", data.introspectionEncryptedResponseAlg, data.introspectionEncryptedResponseEnc),
        ]
        for (name, alg, enc) in pairs {
            guard enc == nil || alg != nil else {
                throw RegistrationRefusal(name + "_encrypted_response_enc", "needs the member that names the alg")
            }
            guard alg == nil || data.jwks != nil || data.jwksURI != nil else {
                throw RegistrationRefusal(name + "_encrypted_response_alg", "needs jwks or jwks_uri to encrypt to")
            }
        }
        guard data.requestObjectEncryptionEnc == nil || data.requestObjectEncryptionAlg != nil else {
            throw RegistrationRefusal("request_object_encryption_enc", "needs the member that names the alg")
        }
        guard data.requestObjectEncryptionAlg.map(RequestEncryption.algorithms.contains) ?? true else {
            throw RegistrationRefusal(
                "request_object_encryption_alg", "names an algorithm that this server has no key for")
        }
    }

    static let requestObjects = RegistrationRule { (document) throws(RegistrationRefusal) in
        let data = document.metadata
        guard
            data.requestObjectSigningAlg != RequestObjectSigning.none
                || (data.allows(.unsignedRequestObjects) && data.requireSignedRequestObject != true)
        else {
            throw RegistrationRefusal("request_object_signing_alg", "must not be none: request objects are signed here")
        }
        guard data.requireSignedRequestObject != true || data.jwks != nil || data.jwksURI != nil else {
            throw RegistrationRefusal("require_signed_request_object", "needs jwks or jwks_uri to verify with")
        }
        guard data.requireSignedRequestObject != true || !data.allows(.requestMerging) else {
            throw RegistrationRefusal(
                "require_signed_request_object", "does not go together with the compatibility request_merging")
        }
        guard data.requestURIs.allSatisfy(\.address.isSecure) else {
            throw RegistrationRefusal("request_uris", "must use https")
        }
    }

    /// A page of ours opens the address in a frame, so it must belong to whoever gets the answers.
    static let logout = RegistrationRule { (document) throws(RegistrationRefusal) in
        guard let address = document.metadata.frontchannelLogoutURI else { return }
        guard document.redirectURIs.contains(where: { $0.origin == address.origin }) else {
            throw RegistrationRefusal(
                "frontchannel_logout_uri", "must have scheme, host and port of one of the redirect_uris")
        }
    }
}

extension ClientDocument {
    /// Checks that the members go together; the first that does not is named.
    ///
    /// `algorithms`: those that ID tokens and other answers can be signed with; any where none are named.
    public func check(signing algorithms: [SignatureAlgorithm] = []) throws(RegistrationRefusal) {
        for rule in RegistrationRule.all { try rule.check(self) }
        let asked = [
            ("id_token_signed_response_alg", metadata.idTokenSignedResponseAlg),
            ("userinfo_signed_response_alg", metadata.userinfoSignedResponseAlg),
            ("introspection_signed_response_alg", metadata.introspectionSignedResponseAlg),
        ]
        for case (let member, let algorithm?) in asked where !algorithms.isEmpty && !algorithms.contains(algorithm) {
            throw RegistrationRefusal(member, "names an algorithm that this server has no key for")
        }
    }
}

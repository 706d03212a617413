import JOSE
import JSON
import OAuthTypes

/// A member of the metadata: its name on the wire and the property that holds it.
struct MetadataMember: Sendable {
    let name: String
    /// Whether `name#tag` is a member too.
    let isLocalized: Bool
    let read: @Sendable (_ value: JSONValue, _ tag: String?, inout ClientMetadata) throws(MetadataFault) -> Void
    /// The values with their language tags, in one order.
    let write: @Sendable (ClientMetadata) -> [(tag: String?, value: JSONValue)]

    /// Every one there is, in the order in which they are written.
    static let all: [MetadataMember] = [
        MetadataMember("client_name", \.clientName),
        MetadataMember("client_uri", \.clientURI),
        MetadataMember("logo_uri", \.logoURI),
        MetadataMember("policy_uri", \.policyURI),
        MetadataMember("tos_uri", \.termsURI),
        MetadataMember("contacts", list: \.contacts),
        MetadataMember("software_id", \.softwareID),
        MetadataMember("software_version", \.softwareVersion),
        MetadataMember("software_statement", \.softwareStatement),
        MetadataMember("application_type", \.applicationType),
        MetadataMember("jwks", \.jwks),
        MetadataMember("jwks_uri", \.jwksURI),
        MetadataMember("token_endpoint_auth_method", \.tokenEndpointAuthMethod),
        MetadataMember("token_endpoint_auth_signing_alg", \.tokenEndpointAuthSigningAlg),
        MetadataMember("response_types", set: \.responseTypes),
        MetadataMember("default_max_age", \.defaultMaxAge),
        MetadataMember("require_auth_time", \.requireAuthTime),
        MetadataMember("default_acr_values", list: \.defaultACRValues),
        MetadataMember("initiate_login_uri", \.initiateLoginURI),
        MetadataMember("request_uris", list: \.requestURIs),
        MetadataMember("request_object_signing_alg", \.requestObjectSigningAlg),
        MetadataMember("request_object_encryption_alg", \.requestObjectEncryptionAlg),
        MetadataMember("request_object_encryption_enc", \.requestObjectEncryptionEnc),
        MetadataMember("require_signed_request_object", \.requireSignedRequestObject),
        MetadataMember("subject_type", \.subjectType),
        MetadataMember("sector_identifier_uri", \.sectorIdentifierURI),
        MetadataMember("id_token_signed_response_alg", \.idTokenSignedResponseAlg),
        MetadataMember("id_token_encrypted_response_alg", \.idTokenEncryptedResponseAlg),
        MetadataMember("id_token_encrypted_response_enc", \.idTokenEncryptedResponseEnc),
        MetadataMember("userinfo_signed_response_alg", \.userinfoSignedResponseAlg),
        MetadataMember("userinfo_encrypted_response_alg", \.userinfoEncryptedResponseAlg),
        MetadataMember("userinfo_encrypted_response_enc", \.userinfoEncryptedResponseEnc),
        MetadataMember("introspection_signed_response_alg", \.introspectionSignedResponseAlg),
        MetadataMember("introspection_encrypted_response_alg", \.introspectionEncryptedResponseAlg),
        MetadataMember("introspection_encrypted_response_enc", \.introspectionEncryptedResponseEnc),
        MetadataMember("backchannel_logout_uri", \.backchannelLogoutURI),
        MetadataMember("backchannel_logout_session_required", \.backchannelLogoutSessionRequired),
        MetadataMember("frontchannel_logout_uri", \.frontchannelLogoutURI),
        MetadataMember("frontchannel_logout_session_required", \.frontchannelLogoutSessionRequired),
        MetadataMember("martlet_resources", list: \.resources),
        MetadataMember("martlet_access_token_format", \.accessTokenFormat),
        MetadataMember("martlet_refresh_tokens", \.refreshTokens),
        MetadataMember("martlet_refresh_idle_lifetime", \.refreshIdleLifetime),
        MetadataMember("martlet_grant_lifetime", \.grantLifetime),
        MetadataMember("martlet_managed", \.managed),
        MetadataMember("martlet_compatibility", set: \.compatibility),
    ]

    typealias Place<Value> = any WritableKeyPath<ClientMetadata, Value> & Sendable

    private init<Value: MetadataValue>(_ name: String, _ place: Place<Value?>) {
        self.name = name
        isLocalized = false
        read = { (value, _, metadata) throws(MetadataFault) in
            metadata[keyPath: place] = try Value(metadata: value)
        }
        write = { metadata in metadata[keyPath: place].map { [(nil, $0.metadata)] } ?? [] }
    }

    private init<Value: MetadataValue & Hashable>(_ name: String, list place: Place<[Value]>) {
        self.name = name
        isLocalized = false
        read = { (value, _, metadata) throws(MetadataFault) in
            metadata[keyPath: place] = try [Value](metadata: value)
        }
        write = { metadata in
            let values = metadata[keyPath: place]
            return values.isEmpty ? [] : [(nil, values.metadata)]
        }
    }

    private init<Value: MetadataValue & Hashable & RawRepresentable<String>>(
        _ name: String, set place: Place<Set<Value>>
    ) {
        self.name = name
        isLocalized = false
        read = { (value, _, metadata) throws(MetadataFault) in
            metadata[keyPath: place] = try Set<Value>(metadata: value)
        }
        write = { metadata in
            let values = metadata[keyPath: place]
            return values.isEmpty ? [] : [(nil, values.metadata)]
        }
    }

    private init<Value: MetadataValue>(_ name: String, _ place: Place<Localized<Value>>) {
        self.name = name
        isLocalized = true
        read = { (value, tag, metadata) throws(MetadataFault) in
            let value = try Value(metadata: value)
            guard let tag else {
                metadata[keyPath: place].plain = value
                return
            }
            guard metadata[keyPath: place].byLanguage.count < metadataListLimit else {
                throw MetadataFault("must not come in more than 100 languages")
            }
            metadata[keyPath: place].byLanguage[tag] = value
        }
        write = { metadata in
            let text = metadata[keyPath: place]
            let plain: [(tag: String?, value: JSONValue)] = text.plain.map { [(nil, $0.metadata)] } ?? []
            return plain + text.byLanguage.sorted { $0.key < $1.key }.map { ($0.key, $0.value.metadata) }
        }
    }
}

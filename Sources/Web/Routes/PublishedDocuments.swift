import AuthorizationServer
import HTTP
import JOSE
import JSON
import Pages
import Stores
import Synchronization

/// The documents that are the same for everybody, as prepared bytes: swapped whole when clients or keys change.
final class PublishedDocuments: Sendable {
    private struct Documents {
        let metadata: PreparedResponse
        let keySet: PreparedResponse
        let userInfo: PreparedResponse?
    }

    private let environment: ServerEnvironment
    private let languages: [String]
    private let takesRegistrations: Bool
    /// Whether a client that registers itself may leave its request objects unsigned.
    private let takesUnsignedRequests: Bool
    /// What a client that registers itself may ask for.
    private let responseTypes: [ResponseType]
    private let documents = Mutex<Documents?>(nil)

    init(_ parts: Site.Parts) {
        environment = parts.environment
        takesRegistrations = parts.registration != nil
        responseTypes =
            parts.registration?.compatibility.contains(.hybrid) ?? false ? [.code, .codeIDToken] : [.code]
        takesUnsignedRequests = parts.registration?.compatibility.contains(.unsignedRequestObjects) ?? false
        languages = parts.pages.languages.map(\.tag)
    }

    var metadata: PreparedResponse? { documents.withLock { $0?.metadata } }
    var keySet: PreparedResponse? { documents.withLock { $0?.keySet } }

    /// What UserInfo says of itself as a resource.
    var userInfo: PreparedResponse? { documents.withLock { $0?.userInfo } }

    func reload() async throws {
        guard let keys = environment.keys.published else { throw KeyRing.LoadError.noCurrentKey }
        let metadata = ServerMetadata(
            issuer: environment.issuer,
            scopes: try await environment.clients.knownScopes(),
            signingAlgorithms: environment.keys.algorithms,
            languages: languages,
            policy: environment.policy,
            takesRegistrations: takesRegistrations,
            responseTypes: responseTypes,
            requestObjects: RequestObject.Offer(
                unsigned: takesUnsignedRequests, encrypted: !keys.encryptionKeys.isEmpty)
        )
        let fresh = Documents(
            metadata: prepare(metadata, "application/json"),
            // No cache may go on with an old copy while it cannot reach us: a key may have been revoked.
            keySet: prepare(keys, "application/jwk-set+json", cached: ", must-revalidate"),
            userInfo: ProtectedResourceMetadata(
                ofUserInfoAt: environment.issuer, signing: environment.keys.algorithms
            ).map { prepare($0, "application/json") }
        )
        documents.withLock { $0 = fresh }
    }

    private func prepare(
        _ content: some JSONEncodable, _ type: String, cached rule: String = ""
    ) -> PreparedResponse {
        var writer = JSONWriter(capacity: 4096)
        content.encode(to: &writer)
        var headers = Headers()
        for (name, value) in SecurityHeaders.common(environment.issuer) { headers.set(name, value) }
        headers.set("Content-Type", type)
        // A verifier may keep the key set for this long: a new key is published longer than this before it signs, and what a
        // revoked key signed is taken no longer than this.
        headers.set("Cache-Control", "public, max-age=\(Policy.keySetLifetime.components.seconds)\(rule)")
        headers.set("Access-Control-Allow-Origin", "*")
        return PreparedResponse(headers: headers, body: writer.bytes)
    }
}

public import OAuthTypes
public import Stores
import Synchronization

/// Clients and resources read through a cache that the owner empties when the stores' version has grown.
///
/// Bounded: what strangers ask for cannot grow it, since only clients that exist are kept.
public final class ClientDirectory: Sendable {
    private struct Cache {
        var clients: [ClientID: Client] = [:]
        var scopes: ScopeSet?
        var ownSignIn: OwnSignInOrigins?
        var resources: [Resource]?
        var epoch = 0
    }

    private static let capacity = 10_000

    private let store: any ClientStore
    private let resourceStore: any ResourceStore
    private let cache = Mutex(Cache())

    init(_ storage: Storage) {
        store = storage.clients
        resourceStore = storage.resources
    }

    /// The client of that identifier.
    public func find(_ id: ClientID) async throws -> Client? {
        let (known, epoch) = cache.withLock { ($0.clients[id], $0.epoch) }
        if let known { return known }
        guard let client = try await store.find(id) else { return nil }
        cache.withLock { cache in
            // A client read before the cache was emptied may be out of date: it is not kept.
            guard cache.epoch == epoch else { return }
            if cache.clients.count >= ClientDirectory.capacity { cache.clients.removeAll() }
            cache.clients[id] = client
        }
        return client
    }

    /// Every scope that some client may ask for, with the standard ones.
    public func knownScopes() async throws -> ScopeSet {
        let (known, epoch) = cache.withLock { ($0.scopes, $0.epoch) }
        if let known { return known }
        let standard: ScopeSet = [.openid, .profile, .email, .address, .phone, .offlineAccess]
        let scopes = standard.union(try await store.scopes())
        cache.withLock { if $0.epoch == epoch { $0.scopes = scopes } }
        return scopes
    }

    /// Which clients sign people in themselves, by the origins of their pages; nil where none does.
    public func ownSignIn() async throws -> OwnSignInOrigins? {
        let (known, epoch) = cache.withLock { ($0.ownSignIn, $0.epoch) }
        let origins: OwnSignInOrigins
        if let known {
            origins = known
        } else {
            origins = OwnSignInOrigins(try await store.list())
            cache.withLock { if $0.epoch == epoch { $0.ownSignIn = origins } }
        }
        return origins.isEmpty ? nil : origins
    }

    /// What access tokens may be for.
    public func resources() async throws -> [Resource] {
        let (known, epoch) = cache.withLock { ($0.resources, $0.epoch) }
        if let known { return known }
        let resources = try await resourceStore.list()
        cache.withLock { if $0.epoch == epoch { $0.resources = resources } }
        return resources
    }

    /// Empties the cache, so that the next look-up sees what changed.
    public func forget() {
        cache.withLock { cache in
            cache.clients.removeAll()
            cache.scopes = nil
            cache.ownSignIn = nil
            cache.resources = nil
            cache.epoch += 1
        }
    }
}

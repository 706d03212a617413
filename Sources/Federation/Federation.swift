public import OAuthTypes
public import Stores
import Synchronization

/// The connectors by which people sign in at the moment, read through a cache that its owner empties when the stores'
/// version has grown.
///
/// What a connector has learned of its provider outlives the emptying, unless the connector was changed.
public final class Federation: Sendable {
    private struct Cache {
        var upstreams: [ConnectorID: Upstream] = [:]
        /// Those that cannot be used as they are set, which is told once.
        var unusable: [ConnectorID: Connector] = [:]
        /// Every connector, in order; nil until it is read again.
        var connectors: [Connector]?
        var epoch = 0
    }

    private let store: any ConnectorStore
    let parts: Upstream.Parts
    private let report: @Sendable (ConnectorID, SettingsFault) -> Void
    private let cache = Mutex(Cache())

    /// Connectors of a store; `report` is told of each that cannot be used as it is set.
    public init(
        _ store: any ConnectorStore, _ parts: Upstream.Parts,
        report: @escaping @Sendable (ConnectorID, SettingsFault) -> Void = { _, _ in }
    ) {
        self.store = store
        self.parts = parts
        self.report = report
    }

    /// Every connector that is enabled, in order, of whatever kind.
    public func connectors() async throws -> [Connector] { try await all().filter(\.isEnabled) }

    private func all() async throws -> [Connector] {
        let (known, epoch) = cache.withLock { ($0.connectors, $0.epoch) }
        if let known { return known }
        let all = try await store.list()
        cache.withLock { cache in
            // What was read before the cache was emptied may be out of date: it is not kept.
            if cache.epoch == epoch { cache.connectors = all }
        }
        return all
    }

    /// The connectors that people are sent to, in order.
    public func upstreams() async throws -> [Upstream] {
        var upstreams: [Upstream] = []
        for connector in try await connectors() where connector.kind != .ldap {
            if let upstream = upstream(of: connector) { upstreams.append(upstream) }
        }
        return upstreams
    }

    /// The connector of an identifier; nil where there is none, or it is disabled, or cannot be used.
    public func find(_ id: ConnectorID) async throws -> Upstream? {
        guard let connector = try await connectors().first(where: { $0.id == id }), connector.kind != .ldap else {
            return nil
        }
        return upstream(of: connector)
    }

    /// The connector of an identifier, also one that is disabled: only to end what began by it.
    public func findToEnd(_ id: ConnectorID) async throws -> Upstream? {
        guard let connector = try await all().first(where: { $0.id == id }), connector.kind != .ldap else { return nil }
        return upstream(of: connector)
    }

    /// What somebody was sent to a connector for who comes back from it, also when it is no longer there; nil where the
    /// answer is not of this browser.
    public func purpose(of answer: Upstream.Answer, from id: ConnectorID, in browser: TokenDigest) -> String? {
        (try? SignInState(of: answer, from: id, in: browser, parts))?.purpose
    }

    /// Empties the cache, so that the next look-up sees what changed.
    public func forget() {
        cache.withLock { cache in
            cache.connectors = nil
            cache.epoch += 1
        }
    }

    private func upstream(of connector: Connector) -> Upstream? {
        if let known = cache.withLock({ $0.upstreams[connector.id] }), known.connector == connector { return known }
        if cache.withLock({ $0.unusable[connector.id] }) == connector { return nil }
        do {
            let upstream = try Upstream(connector, parts)
            cache.withLock { $0.upstreams[connector.id] = upstream }
            return upstream
        } catch {
            cache.withLock { $0.unusable[connector.id] = connector }
            report(connector.id, error)
            return nil
        }
    }
}

public import OAuthTypes
public import Stores

/// The sessions that began by a connector, and their end: each as by signing out.
public struct ConnectorSessions: Sendable {
    private let storage: Storage
    private let clock: any TimeSource

    /// The sessions of stores.
    public init(_ storage: Storage, clock: any TimeSource) {
        self.storage = storage
        self.clock = clock
    }

    /// Ends them all, and answers how many they were; disable the connector before, so that none begins after.
    ///
    /// What clients got in them is revoked but for `offline_access`, and they are told by back-channel logout. Which
    /// sessions a directory has begun is not kept: there every session of its people ends.
    public func end(by connector: Connector) async throws -> Int {
        connector.kind == .ldap ? try await endOfPeople(of: connector.id) : try await endOfProvider(connector.id)
    }

    private func endOfProvider(_ connector: ConnectorID) async throws -> Int {
        var count = 0
        while true {
            let records = try await storage.upstreamSessions.list(connector, at: clock.now)
            var ended = 0
            for record in records {
                let now = clock.now
                guard let session = try await storage.sessions.find(record.sessionID, of: record.userID, at: now),
                    try await storage.sessions.end(session.digest, at: now) != nil
                else { continue }
                ended += 1
            }
            count += ended
            // Those that others end meanwhile are gone from the next page.
            guard !records.isEmpty, ended > 0 else { return count }
        }
    }

    private func endOfPeople(of connector: ConnectorID) async throws -> Int {
        var (count, last) = (0, "")
        while true {
            let page = try await storage.links.list(at: connector, after: last)
            for link in page {
                count += try await storage.sessions.endAll(of: link.userID, except: nil, at: clock.now)
                last = link.subject
            }
            guard !page.isEmpty else { return count }
        }
    }
}

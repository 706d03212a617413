public import OAuthTypes
public import Stores
import TokenVerifier

extension Federation {
    /// The tokens of a session at a provider, renewed where they are too old; nil where none are kept, or
    /// the account was unlinked from there.
    ///
    /// One renews at a time, whichever node it is on: a provider that gives each refresh token out once takes the second
    /// use for theft, and takes all of them back. Throws `UpstreamFault` where the provider does not answer.
    public func tokens(
        of session: SessionID, at id: ConnectorID, in store: any UpstreamSessionStore,
        _ links: any LinkedIdentityStore
    ) async throws -> UpstreamTokens? {
        for _ in 0..<Renewal.looks {
            guard let record = try await store.find(session, at: parts.clock.now), record.connector == id,
                try await links.find(id, subject: record.subject)?.userID == record.userID,
                let upstream = try await find(id), upstream.settings.keepsTokens == true,
                let sealed = record.sealedTokens, let tokens = UpstreamTokens(sealed, of: session, parts.masterKey),
                tokens.accessToken != nil
            else { return nil }
            let now = parts.clock.now
            guard let end = tokens.expiresAt, end <= now + Renewal.margin else { return tokens }
            if let leased = tokens.renewedUntil, now < leased {
                // Somebody is at it: what there is will do as long as it counts.
                guard end <= now else { return tokens }
                try await parts.verifierClock.sleep(for: Renewal.pause)
                continue
            }
            guard tokens.refreshToken != nil else { return nil }
            let renewal = Renewal(tokens, of: session, at: upstream, in: store)
            guard let lease = try await renewal.begin(from: sealed, at: now) else { continue }
            return try await renewal.run(lease)
        }
        throw UpstreamFault.unavailable(.timedOut)
    }
}

/// One renewal of the tokens of a session: RFC 6749 §6.
private struct Renewal {
    /// How long before their end tokens are renewed.
    static let margin = Duration.seconds(30)
    /// How long nobody else renews: longer than a provider may take for its document and for the tokens.
    static let lease = Duration.seconds(20)
    /// Between two looks at what somebody else renews, so often.
    static let pause = Duration.milliseconds(100)
    static let looks = 150

    let tokens: UpstreamTokens
    let session: SessionID
    let upstream: Upstream
    let store: any UpstreamSessionStore

    init(_ tokens: UpstreamTokens, of session: SessionID, at upstream: Upstream, in store: any UpstreamSessionStore) {
        (self.tokens, self.session, self.upstream, self.store) = (tokens, session, upstream, store)
    }

    /// Takes the lease; nil where somebody was faster.
    func begin(from sealed: [UInt8], at now: Timestamp) async throws -> [UInt8]? {
        var leased = tokens
        leased.renewedUntil = now + Renewal.lease
        let lease = try self.sealed(leased)
        guard let lease, try await store.replaceTokens(of: session, sealed, by: lease) else { return nil }
        return lease
    }

    /// Renews, and lets go of the lease whatever comes of it.
    func run(_ lease: [UInt8]) async throws -> UpstreamTokens? {
        let new: UpstreamTokens?
        do {
            new = try await upstream.renewed(tokens)
        } catch {
            try await end(lease, with: tokens)
            throw error
        }
        try await end(lease, with: new ?? tokens)
        return new
    }

    private func end(_ lease: [UInt8], with tokens: UpstreamTokens) async throws {
        var free = tokens
        free.renewedUntil = nil
        guard let sealed = try sealed(free), try await !store.replaceTokens(of: session, lease, by: sealed) else {
            return
        }
        // The session has ended, and there is nothing to keep; or a new master key has sealed the lease anew.
        let parts = upstream.parts
        guard let other = try await store.find(session, at: parts.clock.now)?.sealedTokens,
            let found = UpstreamTokens(other, of: session, parts.masterKey),
            found.renewedUntil == UpstreamTokens(lease, of: session, parts.masterKey)?.renewedUntil
        else { return }
        _ = try await store.replaceTokens(of: session, other, by: sealed)
    }

    private func sealed(_ tokens: UpstreamTokens) throws -> [UInt8]? {
        try tokens.sealed(for: session, by: upstream.parts.masterKey)
    }
}

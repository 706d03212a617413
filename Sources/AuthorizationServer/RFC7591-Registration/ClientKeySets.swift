import JOSE
import JSON
import OAuthTypes
import Stores
import Synchronization

/// The public keys of clients: those that they registered, and those at the address that they did (RFC 7591 §2); and of
/// those who vouch for clients, at the address that the operator named (§2.3).
///
/// A set is read once for each change of its client. One at an address is fetched when it is needed, by one request at a
/// time; again when it has grown old, and when a token names a key that it lacks: once a minute at most, so that whoever
/// sends such tokens makes us no burden for somebody else. While an address cannot be reached the keys at hand are used
/// for a day.
final class ClientKeySets: Sendable {
    /// Whose keys they are, and where.
    private struct Holder {
        enum Name: Hashable {
            case client(ClientID)
            case authority(String)
        }

        let name: Name
        let revision: Int64
        let address: WebAddress?
        let party: AddressParty
        var known: JSONObject?
    }

    private struct Entry {
        let revision: Int64
        let address: WebAddress?
        let party: AddressParty
        var keys: JWKSet?
        var freshUntil = Timestamp.distantPast
        var askedAt: Timestamp?
        var isAsking = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private enum Step {
        case use(JWKSet?)
        case ask(WebAddress)
        case wait
    }

    /// After how long an address is asked again for a key that was not there.
    static let pauseForUnknownKey = Duration.seconds(60)
    /// After how long one that could not be reached is asked again.
    static let pauseAfterFailure = Duration.seconds(10)
    /// How long a set is fresh, whatever it says.
    static let lifetime: ClosedRange<Duration> = .seconds(60) ... .seconds(24 * 3600)
    /// How long it is where it says nothing.
    static let usualLifetime = Duration.seconds(600)
    /// How long keys are used that could not be fetched anew.
    static let staleness = Duration.seconds(24 * 3600)

    private static let capacity = 10_000
    private static let largest = 256 * 1024

    private let documents: any RemoteDocuments
    private let clock: any TimeSource
    private let entries = Mutex<[Holder.Name: Entry]>([:])

    init(_ documents: any RemoteDocuments, clock: any TimeSource) {
        self.documents = documents
        self.clock = clock
    }

    /// The keys of a client, with the one of that `kid` where it can be had; nil where there are none.
    func keys(of client: Client, with keyID: String?) async -> JWKSet? {
        await keys(of: client) { $0.publicKey(withID: keyID) != nil }
    }

    /// The keys that a client's answers are encrypted to, in its order; the set is fetched again as for an unknown `kid`
    /// where it has none that will do.
    func encryptionKeys(of client: Client, where isGood: (EncryptionKey) -> Bool) async -> [EncryptionKey] {
        await keys(of: client) { $0.encryptionKeys.contains(where: isGood) }?.encryptionKeys.filter(isGood) ?? []
    }

    /// The keys of somebody who vouches for software, with the one of that `kid` where it can be had; nil where there are
    /// none.
    func keys(at address: WebAddress, with keyID: String?) async -> JWKSet? {
        await keys(of: Holder(name: .authority(address.rawValue), revision: 0, address: address, party: .operators)) {
            $0.publicKey(withID: keyID) != nil
        }
    }

    private func keys(of client: Client, where isWanted: (JWKSet) -> Bool) async -> JWKSet? {
        let holder = Holder(
            name: .client(client.id), revision: client.revision, address: client.metadata.jwksURI,
            party: AddressParty(client), known: client.metadata.jwks)
        return await keys(of: holder, where: isWanted)
    }

    private func keys(of holder: Holder, where isWanted: (JWKSet) -> Bool) async -> JWKSet? {
        switch entries.withLock({ ClientKeySets.step(&$0, holder, isWanted, at: clock.now) }) {
        case .use(let keys): return keys
        case .ask(let address): await ask(address, for: holder)
        case .wait: await wait(for: holder.name)
        }
        return entries.withLock { $0[holder.name]?.keys }
    }

    private static func step(
        _ entries: inout [Holder.Name: Entry], _ holder: Holder, _ isWanted: (JWKSet) -> Bool, at now: Timestamp
    ) -> Step {
        let name = holder.name
        var entry: Entry
        if let known = entries[name], known.revision == holder.revision, known.address == holder.address {
            entry = known
        } else {
            entry = Entry(revision: holder.revision, address: holder.address, party: holder.party)
            entry.keys = holder.known.flatMap { try? JWKSet($0) }
            makeRoom(in: &entries)
            // Whoever waits for the keys of before looks at these.
            entry.waiting = entries[name]?.waiting ?? []
            entries[name] = entry
        }
        guard let address = entry.address else { return .use(entry.keys) }
        let hasKey = entry.keys.map(isWanted) ?? false
        if hasKey, now < entry.freshUntil { return .use(entry.keys) }
        if now >= entry.freshUntil + staleness {
            entry.keys = nil
            entries[name]?.keys = nil
        }
        if entry.isAsking { return hasKey ? .use(entry.keys) : .wait }
        let isMissing = entry.keys != nil && now < entry.freshUntil
        let pause = isMissing ? pauseForUnknownKey : pauseAfterFailure
        // A clock that was put back must not keep us from asking.
        if let askedAt = entry.askedAt, askedAt <= now, now < askedAt + pause {
            return .use(entries[name]?.keys)
        }
        entries[name]?.isAsking = true
        entries[name]?.askedAt = now
        return .ask(address)
    }

    /// Strangers' sets go first: what the operator's clients need is not theirs to push out.
    private static func makeRoom(in entries: inout [Holder.Name: Entry]) {
        guard entries.count >= capacity else { return }
        entries = entries.filter { $0.value.isAsking || $0.value.party == .operators }
        guard entries.count >= capacity else { return }
        entries = entries.filter { $0.value.isAsking }
    }

    private func ask(_ address: WebAddress, for holder: Holder) async {
        var document: RemoteDocument?
        var wasAsked = true
        do {
            document = try await documents.fetch(
                address, of: holder.party, accepting: "application/jwk-set+json, application/json",
                limit: ClientKeySets.largest)
        } catch is RemoteCongestion {
            // It was never asked, so whoever needs the keys next may.
            wasAsked = false
        } catch is CancellationError {
            wasAsked = false
        } catch {
            document = nil
        }
        let keys = document.flatMap { try? JSONObject(parsing: $0.bytes) }.flatMap { try? JWKSet($0) }
        let lifetime = document?.lifetime ?? ClientKeySets.usualLifetime
        let bounds = ClientKeySets.lifetime
        let (name, now) = (holder.name, clock.now)
        let waiting = entries.withLock { [wasAsked] entries -> [CheckedContinuation<Void, Never>] in
            // Whoever waits, waits for the keys that the client has by now, which somebody else is asking for.
            guard var entry = entries[name], entry.revision == holder.revision, entry.address == holder.address else {
                return []
            }
            let waiting = entry.waiting
            entry.isAsking = false
            entry.waiting = []
            if !wasAsked { entry.askedAt = nil }
            if let keys {
                entry.keys = keys
                entry.freshUntil = now + min(max(lifetime, bounds.lowerBound), bounds.upperBound)
            }
            entries[name] = entry
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    private func wait(for name: Holder.Name) async {
        await withCheckedContinuation { continuation in
            let isOver = entries.withLock { entries in
                guard entries[name]?.isAsking == true else { return true }
                entries[name]?.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(microseconds: 0)
}

import OAuthTypes
import Stores
import Synchronization

/// Whether what a signature vouches for was taken back meanwhile, asked of the stores at most once a second for each.
///
/// A resource server may ask about the same token thousands of times a second. What this node revokes at its revocation
/// endpoint it knows at once; whatever else ends a grant (a sign-out, a new password, another node) it knows within the
/// second. Bounded: only tokens that we signed come here.
final class TokenStates: Sendable {
    private enum Subject: Hashable {
        case grant(GrantID)
        case token(TokenDigest)
    }

    private struct Known {
        var answers: [Subject: (holder: UserID?, isLive: Bool, askedAt: Timestamp)] = [:]
        var epoch = 0
    }

    /// How long an answer is good.
    static let lifetime = Duration.seconds(1)
    private static let capacity = 20_000

    private let storage: Storage
    private let known = Mutex(Known())

    init(_ storage: Storage) {
        self.storage = storage
    }

    /// Whether a verified token of a client still holds.
    func isLive(
        _ access: VerifiedAccessToken, of client: Client, naming subjects: Subjects, at now: Timestamp
    ) async throws -> Bool {
        guard let grant = access.grantID else {
            // What is kept is removed when it is revoked.
            if access.format == .opaque { return true }
            return try await answer(.token(access.digest), at: now) { storage in
                (nil, try await !storage.spent.isSpent(access.digest))
            }.isLive
        }
        let answer = try await answer(.grant(grant), at: now) { storage in
            let holder = try await storage.grants.holder(of: grant, at: now)
            return (holder?.user.id, holder != nil)
        }
        guard answer.isLive, let holder = answer.holder else { return false }
        return subjects.isSubject(access.subject, of: holder, at: client)
    }

    /// Forgets everything: what was revoked here must not be vouched for a moment longer.
    func forget() {
        known.withLock { known in
            known.answers.removeAll(keepingCapacity: true)
            known.epoch += 1
        }
    }

    private func answer(
        _ subject: Subject, at now: Timestamp, asking ask: (Storage) async throws -> (holder: UserID?, isLive: Bool)
    ) async throws -> (holder: UserID?, isLive: Bool) {
        let (old, epoch) = known.withLock { ($0.answers[subject], $0.epoch) }
        // Also a clock that was put back makes us ask again.
        if let old, old.askedAt <= now, now < old.askedAt + TokenStates.lifetime { return (old.holder, old.isLive) }
        let (holder, isLive) = try await ask(storage)
        known.withLock { known in
            // Something was revoked while we asked: the answer may be older than that.
            guard known.epoch == epoch else { return }
            if known.answers.count >= TokenStates.capacity { known.answers.removeAll(keepingCapacity: true) }
            known.answers[subject] = (holder, isLive, now)
        }
        return (holder, isLive)
    }
}

import JOSE
public import OAuthTypes
public import Stores

/// Tells clients of sessions that have ended, as the stores keep them until they are told: Back-Channel Logout §2.5.
///
/// Several nodes may do so at once: each notice is leased to one of them for longer than its delivery can take. A client
/// is told at least once: a node that dies after the client has answered, or an answer that is lost, has it told again,
/// by a token with the same `jti`.
public struct LogoutCourier: Sendable {
    /// Takes what became of one notice, for log and audit.
    public typealias Report = @Sendable (Participation, Outbox.Outcome) async throws -> Void

    /// How often a client is asked that says no (§2.8): it has read the token, and will hardly think otherwise.
    static let refusals = 3
    /// How often one is that does not answer, or not with yes: over about a day, so that one which is down over night
    /// hears of it after all.
    static let attempts = 30

    /// How long a notice waits for keys: it is given up, so that somebody hears of it, before it is swept.
    static let patience = Participation.retention - .seconds(24 * 3600)

    private let environment: ServerEnvironment
    private let transport: any LogoutTransport
    private let report: Report

    private var notices: any ParticipationStore { environment.storage.participations }

    /// A courier over the stores.
    public init(_ environment: ServerEnvironment, transport: any LogoutTransport, report: @escaping Report) {
        self.environment = environment
        self.transport = transport
        self.report = report
    }

    /// The clients that something is due for, whoever waits longest first.
    public func waiting() async throws -> [ClientID] {
        try await notices.waiting(at: environment.clock.now)
    }

    /// Whether a client registered itself: such ones must not keep others waiting.
    public func isStrangers(_ client: ClientID) async throws -> Bool {
        try await environment.clients.find(client)?.isSelfRegistered ?? false
    }

    /// Tells one client one thing that is due; nil where nothing is.
    ///
    /// Throws where a store fails: what was in hand is taken up again when its lease is over.
    public func deliver(to client: ClientID) async throws -> Outbox.Outcome? {
        let now = environment.clock.now
        guard let notice = try await notices.claim(for: client, at: now, until: now + Outbox.lease) else { return nil }
        do {
            let outcome = try await outcome(of: notice)
            try await keep(outcome, of: notice)
            try await report(notice, outcome)
            return outcome
        } catch is RemoteCongestion {
            return try await release(notice, for: Outbox.pause(after: 1), "too much is being sent")
        } catch let failure as NoToken {
            // Again after a quarter of the time that it has waited.
            let waited = notice.endedAt.map { now - $0 } ?? .zero
            guard waited < LogoutCourier.patience else {
                try await keep(.gaveUp(failure.reason), of: notice)
                try await report(notice, .gaveUp(failure.reason))
                return .gaveUp(failure.reason)
            }
            return try await release(notice, for: min(max(waited / 4, .seconds(60)), .seconds(3600)), failure.reason)
        }
    }

    /// There is no token now: its key is not at hand, here or where the client says that its keys are.
    private struct NoToken: Error {
        let reason: String
    }

    /// It never left: that is no fault of the client, and no attempt.
    private func release(
        _ notice: Participation, for pause: Duration, _ reason: String
    ) async throws -> Outbox.Outcome {
        let next = environment.clock.now + pause
        _ = try await notices.release(notice.id, attempt: notice.attempts, until: next)
        let outcome = Outbox.Outcome.postponed(reason)
        try await report(notice, outcome)
        return outcome
    }

    private func outcome(of notice: Participation) async throws -> Outbox.Outcome {
        guard let client = try await environment.clients.find(notice.clientID),
            let address = client.metadata.backchannelLogoutURI
        else { return .dropped }
        do {
            let token = try await token(of: notice, for: client)
            let form = Array("logout_token=\(FormParameters.encode(token))".utf8)
            // Meanwhile the client may take part in the session again, whose end this would pass for.
            guard try await notices.isUntold(notice.id, attempt: notice.attempts) else { return .dropped }
            let status = try await transport.post(form, to: address, of: client)
            switch status {
            // §2.8: the second one for frameworks that cannot answer the first without content.
            case 200, 204: return .sent
            case 400 where notice.tries >= LogoutCourier.refusals: return .gaveUp("it answered 400")
            default: return unsent(notice, "it answered \(status)")
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as StorageError {
            throw error
        } catch let error as RemoteCongestion {
            throw error
        } catch let error as NoToken {
            throw error
        } catch {
            return unsent(notice, "\(error)")
        }
    }

    private func unsent(_ notice: Participation, _ reason: String) -> Outbox.Outcome {
        notice.tries < LogoutCourier.attempts ? .postponed(reason) : .gaveUp(reason)
    }

    private func keep(_ outcome: Outbox.Outcome, of notice: Participation) async throws {
        let (id, attempt, now) = (notice.id, notice.attempts, environment.clock.now)
        switch outcome {
        case .sent, .dropped: _ = try await notices.told(id, attempt: attempt)
        case .postponed(let reason):
            let next = now + Outbox.pause(after: notice.tries)
            _ = try await notices.failed(id, attempt: attempt, because: reason, next: next)
        case .gaveUp(let reason): _ = try await notices.giveUp(id, attempt: attempt, because: reason, at: now)
        }
    }

    /// §2.4, §2.6: signed as the client's ID tokens are, and encrypted where they are.
    func token(of notice: Participation, for client: Client) async throws -> String {
        let claims = LogoutToken(
            issuer: environment.issuer.url,
            audience: client.id,
            issuedAt: environment.clock.now,
            identifier: notice.id.rawValue,
            subject: notice.userID.map { environment.subjects.subject(of: $0, at: client) },
            session: environment.sessionNames.name(of: notice.sessionID, at: client.id)
        )
        do {
            let signed = try await environment.keys.signers(of: client).logoutToken.sign(claims)
            guard let encrypter = try await environment.idTokenEncrypter(for: client) else { return signed }
            return try encrypter.encrypt(signed)
        } catch let error as OAuthError where client.metadata.jwksURI == nil {
            // It registered keys, and none that would do.
            throw error
        } catch is OAuthError {
            throw NoToken(reason: "the client's keys are out of reach")
        } catch let error as CancellationError {
            throw error
        } catch {
            throw NoToken(reason: "its token cannot be signed: \(error)")
        }
    }
}

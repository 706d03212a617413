import JOSE
public import OAuthTypes
public import Stores

/// How many mails strangers may have sent: to one address, and from one network.
///
/// Addresses with and without an account are counted alike. Counted in the store, so for all nodes.
public struct MailLimits: Sendable {
    private let attempts: any SignInAttemptStore
    private let clock: any TimeSource

    /// Five mails to one address, then one in a quarter of an hour, and ever fewer.
    static let ofAddress = LockRule(
        failures: 5, step: .seconds(900), longest: .seconds(3600), memory: .seconds(86_400))
    /// Thirty from one network, then a pause.
    static let ofNetwork = LockRule(
        failures: 30, step: .seconds(300), longest: .seconds(1800), memory: .seconds(3600))

    /// Limits over a store.
    public init(_ attempts: any SignInAttemptStore, clock: any TimeSource) {
        self.attempts = attempts
        self.clock = clock
    }

    /// Counts one; what is over the network's limit is not counted for the address.
    func admit(_ email: Email, from origin: SignInOrigin) async throws -> Verdict {
        let now = clock.now
        if case .locked = try await attempts.begin(key("network", origin.network), under: MailLimits.ofNetwork, at: now)
        {
            return .networkIsOver
        }
        if case .locked = try await attempts.begin(
            key("address", Array(email.rawValue.utf8)), under: MailLimits.ofAddress, at: now)
        {
            return .addressIsOver
        }
        return .admitted
    }

    enum Verdict: Sendable, Equatable {
        case admitted, addressIsOver, networkIsOver
    }

    private func key(_ kind: String, _ bytes: [UInt8]) -> TokenDigest {
        let digest = SHA256.digest(of: Array("mail to \(kind) ".utf8) + bytes)
        return TokenDigest(bytes: digest.bytes)!  // a SHA-256 digest has 32 bytes by its type
    }
}

public import JOSE
public import OAuthTypes
public import Stores

/// Inviting somebody to make an account: a mail with a link, which opens a page that asks for name and password.
public struct Invitations: Sendable {
    /// How long an invitation works.
    public static let lifetime = Duration.seconds(7 * 86_400)

    private let storage: Storage
    private let clock: any TimeSource
    private let random: any RandomSource

    /// Invitations over the stores.
    public init(_ storage: Storage, clock: any TimeSource, random: any RandomSource) {
        self.storage = storage
        self.clock = clock
        self.random = random
    }

    /// Orders the mail; throws `Accounts.Refusal` where that is no address or has an account.
    public func invite(_ text: String) async throws -> MailOrder {
        guard let email = Email(text) else { throw Accounts.Refusal.invalidEmail }
        guard try await storage.users.find(email) == nil else { throw Accounts.Refusal.taken }
        let proof = EmailProof(
            waitingFor: .invitation, email, name: "", passwordHash: nil, id: Base64URL.encode(random.bytes(32)),
            browser: nil, interaction: nil, at: clock.now, lifetime: Invitations.lifetime)
        let mail = MailOrder(.invitation, to: email, proof: proof.id, at: clock.now, random: random)
        try await storage.proofs.open(proof, ordering: mail)
        return mail
    }
}

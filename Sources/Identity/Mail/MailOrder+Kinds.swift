public import JOSE
public import OAuthTypes
public import Stores

extension MailOrder {
    /// How long an order is kept, sent or given up: long enough that somebody looks.
    static let kept = Duration.seconds(14 * 86_400)

    /// A new order that is due at once; `language` is the tag of that of the page on which it was ordered.
    public init(
        _ kind: MailKind, to recipient: Email, proof: TokenDigest? = nil, details: [String] = [],
        language: String? = nil, at now: Timestamp,
        random: any RandomSource
    ) {
        self.init(
            id: MailID(rawValue: Base64URL.encode(random.bytes(16))),
            kind: kind,
            recipient: recipient,
            proof: proof,
            details: details,
            createdAt: now,
            sendBy: now + kind.patience,
            expiresAt: now + MailOrder.kept,
            dueAt: now,
            attempts: 0,
            failure: nil,
            gaveUpAt: nil,
            language: language
        )
    }
}

extension MailKind {
    /// How late the mail may come.
    public var patience: Duration {
        switch self {
        // Whoever waits for this one has asked again by then.
        case .resetPassword, .test: .seconds(3600)
        // The code waits as long as the password before it.
        case .signInCode: SecondFactor.patience
        case .signUp, .changeEmail: .seconds(86_400)
        case .passwordChanged, .invitation, .emailChanged, .emailTaken, .accountNotice, .newDevice, .deletion,
            .lockedOut:
            .seconds(3 * 86_400)
        }
    }
}

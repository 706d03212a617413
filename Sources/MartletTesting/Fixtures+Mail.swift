public import OAuthTypes
public import Stores

extension MailOrder {
    /// A mail that was given up.
    public static func withEveryFieldSet(id: String = "M7-_k") -> MailOrder {
        MailOrder(
            id: MailID(rawValue: id), kind: .signUp, recipient: Email("zoë@example.org")!, proof: .numbered(401),
            details: ["Firefox on Linux", "", "192.0.2.0/24"], createdAt: .noon, sendBy: .noon + .seconds(3600),
            expiresAt: .noon + .seconds(86_400),
            dueAt: .noon + .seconds(5), attempts: 7, failure: "no answer “yet”", gaveUpAt: .noon + .seconds(9),
            language: "pt-BR")
    }

    /// A mail that nobody has tried to send.
    public static func waiting(
        _ id: String, to recipient: String = "ada@example.org", proof: TokenDigest? = nil, dueAt: Timestamp = .noon,
        expiresAt: Timestamp = .noon + .seconds(86_400)
    ) -> MailOrder {
        MailOrder(
            id: MailID(rawValue: id), kind: .passwordChanged, recipient: Email(recipient)!, proof: proof,
            createdAt: .noon, sendBy: .noon + .seconds(3600), expiresAt: expiresAt, dueAt: dueAt, attempts: 0,
            failure: nil, gaveUpAt: nil)
    }
}

extension EmailProof {
    /// A proof for a new password.
    public static func withEveryFieldSet(
        id: TokenDigest = .numbered(401), link: TokenDigest = .numbered(403), user: String = "u_7Zk2",
        purpose: Purpose = .resetPassword, guesses: Int = 2
    ) -> EmailProof {
        EmailProof(
            id: id, purpose: purpose, email: Email("zoë@example.org")!, userID: UserID(rawValue: user),
            name: "Zoë 燕", passwordHash: "$argon2id$v=19$m=65536,t=3,p=2$c29tZXNhbHQ$aGFzaA",
            browser: .numbered(402), interaction: "interaction-7", link: link, code: .numbered(404),
            codeExpiresAt: .noon + .seconds(600), guesses: guesses, mails: 3, createdAt: .noon,
            expiresAt: .noon + .seconds(1800))
    }

    /// An invitation that was not sent yet.
    public static func withNothingOptional(
        id: TokenDigest = .numbered(411), email: String = "new@example.org",
        expiresAt: Timestamp = .noon + .seconds(1800)
    ) -> EmailProof {
        EmailProof(
            id: id, purpose: .invitation, email: Email(email)!, userID: nil, name: "", passwordHash: nil,
            browser: nil, interaction: nil, link: nil, code: nil, codeExpiresAt: nil, guesses: 0, mails: 0,
            createdAt: .noon, expiresAt: expiresAt)
    }
}

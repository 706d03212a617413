public import OAuthTypes
public import Stores

extension Recourse {
    /// The way back to an earlier address.
    public static func withEveryFieldSet(
        id: TokenDigest = .numbered(501), purpose: Purpose = .restoreEmail, user: String = "u_7Zk2",
        email: String = "before@example.org", link: TokenDigest = .numbered(503), createdAt: Timestamp = .noon,
        expiresAt: Timestamp = .noon + .seconds(604_800)
    ) -> Recourse {
        Recourse(
            id: id, purpose: purpose, userID: UserID(rawValue: user), email: Email(email)!, link: link,
            createdAt: createdAt, expiresAt: expiresAt)
    }

    /// One whose mail was not sent yet.
    public static func withNothingOptional(
        id: TokenDigest = .numbered(511), expiresAt: Timestamp = .noon + .seconds(604_800)
    ) -> Recourse {
        Recourse(
            id: id, purpose: .keepAccount, userID: UserID(rawValue: "u_9"), email: Email("new@example.org")!, link: nil,
            createdAt: .noon, expiresAt: expiresAt)
    }
}

extension Storage {
    /// Freezes an account, as its owner does by the link in a mail, and leaves it its password.
    public func freeze(_ user: String, until end: Timestamp, at now: Timestamp = .noon) async throws {
        let number = 590
        let password = try await users.find(UserID(rawValue: user))?.passwordHash
        try await recourses.open(
            .withEveryFieldSet(id: .numbered(number), purpose: .disown, user: user, link: .numbered(number + 1)),
            ordering: .waiting("freeze of \(user)"))
        _ = try await recourses.disown(
            by: .numbered(number + 1), freezingUntil: end, at: now, ordering: .waiting("after freeze of \(user)"))
        if let password { _ = try await users.setPassword(password, of: UserID(rawValue: user), at: now) }
    }
}

extension UserStore {
    /// The same without a recourse.
    public func changePassword(
        of id: UserID, from old: String?, to new: String, at now: Timestamp, ordering mail: MailOrder?
    ) async throws -> Bool {
        try await changePassword(of: id, from: old, to: new, at: now, recourse: nil, ordering: mail)
    }

    /// The same without recourse and mail.
    public func removePassword(of id: UserID, from old: String, at now: Timestamp) async throws -> Bool {
        try await removePassword(of: id, from: old, at: now, recourse: nil, ordering: nil)
    }
}

extension ProofStore {
    /// The same with a recourse under the digest of the link.
    public func resetPassword(
        by link: TokenDigest, to hash: String, at now: Timestamp, ordering mail: MailOrder
    ) async throws -> Bool {
        try await resetPassword(
            by: link, to: hash, at: now, recourse: .withEveryFieldSet(id: link, link: link), ordering: mail)
    }
}

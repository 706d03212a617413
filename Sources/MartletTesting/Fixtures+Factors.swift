public import OAuthTypes
public import Stores

// What tests change of second factors at noon, where nothing is frozen.

extension RecoveryCodeStore {
    /// Keeps these and forgets all before them.
    public func replace(_ codes: [TokenDigest], of user: UserID) async throws {
        _ = try await replace(codes, of: user, at: .noon)
    }
}

extension TOTPKeyStore {
    /// Removes the key, frozen or not.
    public func remove(_ user: UserID) async throws -> Bool { try await remove(user, unlessFrozenAt: nil) }
}

extension PasskeyStore {
    /// Removes a passkey, unless it is the last way in.
    public func remove(_ credentialID: [UInt8], of user: UserID) async throws -> PasskeyRemoval {
        try await remove(credentialID, of: user, at: .noon)
    }
}

extension UserStore {
    /// Changes what codes by mail are to an account.
    public func changeMailCodes(
        of id: UserID, from old: MailCodeUse, to new: MailCodeUse
    ) async throws -> Bool {
        try await changeMailCodes(of: id, from: old, to: new, at: .noon)
    }
}

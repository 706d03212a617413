public import OAuthTypes
public import Stores

/// Ending sessions from the list of them: who ends that of a lost laptop wants the second factor asked on it as well.
extension Sessions {
    /// Ends one session of a person by what clients know it by, and forgets the browser that it is in; false where there
    /// is none.
    ///
    /// `own` is what the browser of whoever asks keeps of being remembered; it stays unless it is that one's session.
    public func end(
        _ id: SessionID, of owner: Session, forgetting devices: RememberedDevices, but own: String?
    ) async throws -> Bool {
        guard let session = try await find(id, of: owner.userID) else { return false }
        // First: what is done by half can be done again, as long as the session is on the list.
        try await devices.forget(like: session, but: id == owner.id ? nil : own)
        return try await end(id, of: owner.userID)
    }

    /// Ends every session of a person but this one, and forgets every browser; answers how many sessions.
    public func endOthers(than session: Session, forgetting devices: RememberedDevices) async throws -> Int {
        try await devices.forgetAll(of: session.userID)
        return try await endOthers(than: session)
    }
}

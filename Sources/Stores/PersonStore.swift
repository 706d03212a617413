public import OAuthTypes

/// What holds a person's records together: the key that their personal fields are sealed under, and its end.
public protocol PersonStore: Sendable {
    /// The sealed key of a person; nil where there is none, also when it was destroyed.
    func key(of person: UserID) async throws -> [UInt8]?
    /// Keeps a sealed key, unless there is or was one: answers the one that holds, nil where it was destroyed.
    func keep(_ sealed: [UInt8], of person: UserID) async throws -> [UInt8]?
    /// Removes the account with everything that belongs to it, destroys the key for good, and adds the event that tells of
    /// it: all or nothing. False where there is no such account.
    ///
    /// Events on the person stay; what is sealed in them is unreadable from then on.
    func erase(_ person: UserID, recording event: AuditEvent) async throws -> Bool
}

public import OAuthTypes
public import Stores

/// What a person changes of what others are told of them.
public struct Profile: Sendable {
    private let users: any UserStore
    private let clock: any TimeSource

    /// Profiles over a store.
    public init(_ users: any UserStore, clock: any TimeSource) {
        self.users = users
        self.clock = clock
    }

    /// What came of a change.
    public enum Outcome: Sendable, Equatable {
        /// The account as it is now.
        case changed(User)
        /// Over 200 characters, empty, or with control characters.
        case unfitName
        /// There is no such account any more, or it is closed.
        case gone
    }

    /// Changes the full name.
    public func rename(_ user: UserID, to name: String) async throws -> Outcome {
        guard !name.isEmpty, Accounts.isFit(name: name) else { return .unfitName }
        return try await users.rename(user, to: name, at: clock.now).map(Outcome.changed) ?? .gone
    }
}

public import JOSE
public import OAuthTypes
public import Stores

/// The recovery codes of each account.
public struct RecoveryCodes: Sendable {
    private let store: any RecoveryCodeStore
    private let clock: any TimeSource
    private let random: any RandomSource

    /// How many codes an account gets.
    public static let count = 10

    /// Recovery codes over a store.
    public init(_ store: any RecoveryCodeStore, clock: any TimeSource, random: any RandomSource) {
        self.store = store
        self.clock = clock
        self.random = random
    }

    /// Makes new codes, to be shown once; those from before are worth nothing any more.
    ///
    /// Nil where the account is frozen: all stays as it is. `telling` has the event written and its owner told, first.
    public func renew(
        for user: UserID, telling: () async throws -> Void = {}
    ) async throws -> [RecoveryCode]? {
        let codes = (0..<RecoveryCodes.count).map { _ in RecoveryCode(random: random) }
        try await telling()
        return try await store.replace(codes.map { $0.digest(for: user) }, of: user, at: clock.now) ? codes : nil
    }

    /// Whether this is a code of the account that was not used; spends it.
    public func accept(_ typed: String, for user: UserID) async throws -> Bool {
        guard let code = RecoveryCode(typed: typed) else { return false }
        return try await store.spend(code.digest(for: user), of: user)
    }

    /// How many are left.
    public func left(for user: UserID) async throws -> Int {
        try await store.count(of: user)
    }
}

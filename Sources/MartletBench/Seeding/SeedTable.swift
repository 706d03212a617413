/// The tables that are seeded, in the order in which they are filled.
enum SeedTable: String, CaseIterable {
    case clients, users, sessions, consents, grants, codes

    /// Their columns; those of the schema that are missing here may be null.
    var columns: [String] {
        switch self {
        case .clients:
            [
                "id", "name", "secret_digest", "authentication_methods", "redirect_uris", "post_logout_redirect_uris",
                "grant_types", "scopes", "party", "created_at",
            ]
        case .users:
            [
                "id", "email", "is_email_verified", "name", "password_hash", "created_at", "updated_at", "disabled_at",
                "signed_out_at",
            ]
        case .sessions: ["digest", "id", "user_id", "authenticated_at", "methods", "expires_at"]
        case .consents: ["user_id", "client_id", "scope", "given_at"]
        case .grants:
            [
                "id", "client_id", "user_id", "session_id", "scopes", "survives_session", "authenticated_at", "methods",
                "created_at", "expires_at", "generation", "rotated_at", "request", "idle_expires_at", "revoked_at",
            ]
        case .codes:
            [
                "digest", "grant_id", "client_id", "redirect_uri", "code_challenge", "nonce", "issued_at", "expires_at",
                "redeemed_at",
            ]
        }
    }

    /// Those that must be empty: rows of both kinds could meet.
    ///
    /// Clients of other names are welcome.
    static let emptyBefore: [SeedTable] = [.users, .sessions, .consents, .grants, .codes]
}

/// What takes rows, value by value.
protocol SeedSink {
    /// The rows that follow are this table's.
    mutating func begin(_ table: SeedTable) throws
    mutating func integer(_ value: Int64)
    mutating func text(_ value: String)
    mutating func bytes(_ value: [UInt8])
    mutating func null()
    /// The values so far were a row.
    mutating func endRow() throws
    /// No more rows of this table.
    mutating func end() throws
    /// Makes everything durable: before, the database is as it was.
    mutating func commit() throws
}

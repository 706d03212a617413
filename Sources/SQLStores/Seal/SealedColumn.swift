/// A column whose values are sealed under the master key.
///
/// A table joins by one line of `all`; then its values are counted by `martlet doctor` and moved to a new master key by
/// `martlet keys reseal`.
public struct SealedColumn: Sendable, Hashable {
    /// The table.
    public let table: String
    /// The column of the sealed values; a null is no value.
    public let column: String
    /// The purpose that the owner of the values seals with.
    public let purpose: StaticString
    /// Another purpose that some of the values are sealed with; nil where there is none.
    public let otherPurpose: StaticString?
    /// The column to whose content, text as UTF-8 or bytes, each value is bound; nil where they are bound to nothing.
    public let binding: String?

    /// A column of the schema.
    init(
        _ table: String, _ column: String, purpose: StaticString, or otherPurpose: StaticString? = nil,
        boundTo binding: String? = nil
    ) {
        self.otherPurpose = otherPurpose
        (self.table, self.column, self.purpose, self.binding) = (table, column, purpose, binding)
    }

    /// Every one there is.
    public static let all = [
        SealedColumn("signing_keys", "sealed", purpose: "signing key", or: "decryption key"),
        SealedColumn("totp_keys", "sealed", purpose: "totp keys", boundTo: "user_id"),
        SealedColumn("clients", "sealed_secret", purpose: "client secret", boundTo: "id"),
        SealedColumn("clients", "former_sealed_secret", purpose: "client secret", boundTo: "id"),
        SealedColumn("person_keys", "sealed", purpose: "person key", boundTo: "user_id"),
        SealedColumn("connectors", "sealed_secret", purpose: "connector secret", boundTo: "id"),
        SealedColumn("upstream_sessions", "sealed_tokens", purpose: "upstream tokens", boundTo: "session_id"),
        SealedColumn("pending_identities", "sealed", purpose: "federation link", boundTo: "digest"),
    ]

    /// Whether it is the same column.
    public static func == (left: SealedColumn, right: SealedColumn) -> Bool {
        left.table == right.table && left.column == right.column
    }

    /// By the names alone.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(table)
        hasher.combine(column)
    }
}

public import Stores

extension ExportFormat {
    /// The person of a row; throws where it cannot be taken.
    ///
    /// `hashes` finds the row of a user in an export of password hashes, by the `user_id` of Auth0; `lists` finds what
    /// lists of members say of somebody, by whatever identifies them there.
    public func person(
        of row: ExportRows.Row, _ rules: ImportRules, hashes: (String) -> [UInt8]? = { _ in nil },
        lists: (String) -> Set<Membership> = { _ in [] }
    ) throws(RowRefusal) -> ImportedPerson {
        let draft = try draft(of: row, hashes: hashes)
        var listed: Set<Membership> = []
        for name in draft.names { listed.formUnion(lists(name)) }
        return try ImportedPerson(draft, rules, in: listed)
    }

    private func draft(of row: ExportRows.Row, hashes: (String) -> [UInt8]?) throws(RowRefusal) -> PersonDraft {
        switch (row.content, self) {
        case (.unreadable(let refusal), _): throw refusal
        case (.cells(let cells), _): return try CognitoRow.draft(cells)
        case (.json(let bytes), .keycloak): return try KeycloakRow.draft(RowObject(parsing: bytes))
        case (.json(let bytes), .cognito): return try CognitoRow.draft(RowObject(parsing: bytes))
        case (.json(let bytes), .auth0):
            let object = try RowObject(parsing: bytes)
            let other = try Auth0Row.identifier(object).flatMap(hashes)
            return try Auth0Row.draft(
                object, hash: other.map { bytes throws(RowRefusal) in try RowObject(parsing: bytes) })
        case (.json(let bytes), .lines): return try PersonLine.draft(RowObject(parsing: bytes))
        }
    }

    /// What identifies somebody in a row: of people, or of a list of members; empty where that cannot be read.
    public func names(in row: ExportRows.Row) -> [String] { (try? draft(of: row) { _ in nil })?.names ?? [] }

    /// The `user_id` of a row of an Auth0 export of password hashes; nil where it has none.
    public static func userID(ofHashes row: ExportRows.Row) -> String? {
        guard case .json(let bytes) = row.content else { return nil }
        return try? Auth0Row.identifier(RowObject(parsing: bytes))
    }
}

extension PersonDraft {
    /// Whatever identifies somebody in lists of where they come from.
    fileprivate var names: [String] { listNames.isEmpty ? [source ?? email].compactMap(\.self) : listNames }
}

extension ExportFormat {
    /// The person of a row; throws where it cannot be taken.
    ///
    /// `hashes` finds the row of a user in an export of password hashes, by the `user_id` of Auth0.
    public func person(
        of row: ExportRows.Row, _ rules: ImportRules, hashes: (String) -> [UInt8]? = { _ in nil }
    ) throws(RowRefusal) -> ImportedPerson {
        let draft: PersonDraft
        switch (row.content, self) {
        case (.unreadable(let refusal), _): throw refusal
        case (.cells(let cells), _): draft = try CognitoRow.draft(cells)
        case (.json(let bytes), .keycloak): draft = try KeycloakRow.draft(RowObject(parsing: bytes))
        case (.json(let bytes), .auth0):
            let object = try RowObject(parsing: bytes)
            let other = try Auth0Row.identifier(object).flatMap(hashes)
            draft = try Auth0Row.draft(
                object, hash: other.map { bytes throws(RowRefusal) in try RowObject(parsing: bytes) })
        case (.json(let bytes), .lines), (.json(let bytes), .cognito):
            draft = try PersonLine.draft(RowObject(parsing: bytes))
        }
        return try ImportedPerson(draft, rules)
    }

    /// The `user_id` of a row of an Auth0 export of password hashes; nil where it has none.
    public static func userID(ofHashes row: ExportRows.Row) -> String? {
        guard case .json(let bytes) = row.content else { return nil }
        return try? Auth0Row.identifier(RowObject(parsing: bytes))
    }
}

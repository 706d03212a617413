import OAuthTypes

/// A user of a Cognito user pool, as a table by the headings of its own import.
///
/// Facts: no export of it holds passwords or secrets of apps, so that everybody chooses a new password.
enum CognitoRow {
    static func draft(_ cells: [String: String]) throws(RowRefusal) -> PersonDraft {
        func cell(_ name: String) -> String? {
            guard let text = cells[name], !text.isEmpty else { return nil }
            return text
        }
        func flag(_ name: String) throws(RowRefusal) -> Bool? {
            switch cell(name)?.lowercased() {
            case nil: nil
            case "true"?: true
            case "false"?: false
            default: throw RowRefusal(.wrongType, name)
            }
        }
        var draft = PersonDraft()
        draft.source = cell("sub") ?? cell("cognito:username") ?? cell("username")
        draft.email = cell("email")
        draft.isEmailVerified = try flag("email_verified") ?? false
        draft.isDisabled = try !(flag("enabled") ?? true)
        draft.name =
            cell("name") ?? [cell("given_name"), cell("family_name")].compactMap(\.self).joined(separator: " ")
        if try flag("cognito:mfa_enabled") == true { draft.secondFactor = .unusable("mfa_enabled") }
        let known: Set = [
            "sub", "cognito:username", "username", "email", "email_verified", "enabled", "name", "given_name",
            "family_name", "cognito:mfa_enabled", "phone_number_verified", "updated_at",
        ]
        for name in cells.keys.sorted() where !known.contains(name) && cell(name) != nil {
            // A heading is the operator's own word.
            draft.left.append(name)
        }
        return draft
    }
}

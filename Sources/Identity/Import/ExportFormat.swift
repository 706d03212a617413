/// Where people come from, and so what their rows look like.
public enum ExportFormat: String, Sendable, CaseIterable {
    /// A realm of Keycloak: one JSON object with `users`, or the array that its administration API answers.
    case keycloak
    /// Auth0: a bulk export of users or of password hashes, a JSON text a line, or an array of them.
    case auth0
    /// Amazon Cognito: the answer of `list-users`, an array of its users, or a table by the headings that `get-csv-header`
    /// answers.
    case cognito
    /// Our own: a JSON text a line, as the documentation tells.
    case lines = "jsonl"
}

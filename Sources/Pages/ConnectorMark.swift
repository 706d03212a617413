import Mustache

/// A small drawing of our own on the button of a provider: the key `mark` of the partial `connector-mark`.
///
/// Not the provider's logo, which is its own; whoever may use that puts it into the template.
enum ConnectorMark: String, CaseIterable, Sendable {
    case google, entra, apple, linkedIn = "linkedin", gitLab = "gitlab", okta, auth0, cognito, keycloak, martlet
    case gitHub = "github", facebook, discord, ldap

    var value: MustacheValue {
        .object(
            Dictionary(uniqueKeysWithValues: ConnectorMark.allCases.map { ($0.rawValue, .bool($0 == self)) }))
    }
}

import OAuthTypes

/// Where a client expects a person to prove who they are: the realm that is their home.
///
/// No specification has it; these are the common ways to say it. Whatever a client says only spares people a choice.
public struct HomeHint: Sendable, Equatable {
    /// The connector that a word `idp:ID` of `acr_values` names.
    public let connector: String?
    /// The domain of their organization, in small letters: `domain_hint`.
    public let domain: String?

    /// What the parameters say.
    init(in parameters: FormParameters) {
        let words = parameters[.acrValues]?.split(separator: " ") ?? []
        connector = words.first { $0.hasPrefix("idp:") }.map { String($0.dropFirst(4)) }
        domain = parameters[.domainHint].flatMap { $0.isEmpty ? nil : $0.lowercased() }
    }
}

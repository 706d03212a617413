public import JSON
import OAuthTypes
import Stores

extension Explanation {
    /// Looks at a document that would not register a client: RFC 7591 §3.2.2.
    ///
    /// Members are told by their names, where these are of a specification: whatever their values are may be anything.
    public init(of refusal: RegistrationRefusal, to document: JSONObject?) {
        let known = Set(
            ClientMetadata.memberNames + [
                "redirect_uris", "post_logout_redirect_uris", "grant_types", "scope", "software_statement",
            ])
        let names = document?.map(\.name) ?? []
        let others = names.count { !known.contains($0) }
        self.init(
            code: refusal.code.rawValue, check: refusal.description,
            section: refusal.code.section,
            received: names.filter(known.contains).sorted() + (others > 0 ? ["\(others) other members"] : []),
            advice: document == nil ? "the content was no JSON object of the type application/json" : "")
    }
}

extension RegistrationRefusal.Code {
    fileprivate var section: String {
        switch self {
        case .invalidRedirectURI: "RFC 7591 §2, RFC 8252 §8.4, RFC 9700 §4.1.3"
        case .invalidClientMetadata: "RFC 7591 §2, OpenID Connect Dynamic Client Registration §2"
        case .invalidSoftwareStatement, .unapprovedSoftwareStatement: "RFC 7591 §2.3"
        }
    }
}

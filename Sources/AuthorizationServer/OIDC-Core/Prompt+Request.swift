import JOSE
import JSON
import OAuthTypes

extension Prompt {
    /// `prompt` of a request: OpenID Connect Core §3.1.2.1.
    static func parse(_ parameters: FormParameters, _ policy: Policy) throws(OAuthError) -> Set<Prompt> {
        guard let text = parameters[.prompt] else { return [] }
        var prompts: Set<Prompt> = []
        for word in text.split(separator: " ") {
            guard let prompt = Prompt(rawValue: String(word)), policy.prompts.contains(prompt) else {
                throw OAuthError(
                    .invalidRequest, "prompt has a value that is not supported",
                    advice: "prompt may be " + policy.prompts.map(\.rawValue).sorted().joined(separator: ", "),
                    rule: "OpenID Connect Core §3.1.2.1")
            }
            prompts.insert(prompt)
        }
        guard !prompts.contains(.none) || prompts.count == 1 else {
            throw OAuthError(
                .invalidRequest, "prompt none cannot be combined with another value",
                advice: "prompt is none alone, or something else without none", rule: "OpenID Connect Core §3.1.2.1")
        }
        return prompts
    }
}

extension Duration {
    /// `max_age` of a request, in whole seconds: OpenID Connect Core §3.1.2.1.
    init?(maxAgeIn parameters: FormParameters) throws(OAuthError) {
        guard let text = parameters[.maxAge] else { return nil }
        guard (1...10).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let seconds = Int64(text)
        else {
            throw OAuthError(
                .invalidRequest, "max_age must be a number of seconds, not negative",
                advice: "max_age is digits alone, such as 3600; 0 asks for a new sign-in",
                rule: "OpenID Connect Core §3.1.2.1")
        }
        self = .seconds(seconds)
    }
}

extension IDTokenHint {
    /// Whom `id_token_hint` names: an ID token of ours, expired or not, issued to whichever client.
    init?(hintedIn parameters: FormParameters, keys: KeyRing, issuer: Issuer) throws(OAuthError) {
        guard let hint = parameters[.idTokenHint] else { return nil }
        guard let token = IDTokenHint(hint, keys: keys, issuer: issuer) else {
            throw OAuthError(
                .invalidRequest, "id_token_hint is not an ID token of this issuer",
                advice: "id_token_hint must be an ID token as this server signed it, whole; it may be expired",
                rule: "OpenID Connect Core §3.1.2.1, §3.1.2.2")
        }
        self = token
    }
}

public import JOSE
import JSON

/// A challenge of a provider: its widget on the page, its word on the answer.
///
/// The provider takes each answer once, and says for which host it was given. The person's address is not sent along.
public struct ProviderChallenge: Challenge {
    private let provider: ChallengeProvider
    private let siteKey: String
    private let secret: Secret
    private let host: String
    private let fetch: any WebFetch

    /// Bytes of an answer.
    private static let answerLimit = 8192

    /// A challenge for pages of one host, under the keys that the provider gave out.
    public init(
        _ provider: ChallengeProvider, siteKey: String, secret: Secret, host: String, fetch: any WebFetch
    ) {
        self.provider = provider
        self.siteKey = siteKey
        self.secret = secret
        self.host = host
        self.fetch = fetch
    }

    /// The widget.
    public func form(for occasion: ChallengeOccasion) -> ChallengeForm { .widget(provider, siteKey: siteKey) }

    /// Asks the provider.
    public func verify(_ answer: ChallengeAnswer, for occasion: ChallengeOccasion) async -> ChallengeVerdict {
        guard let response = answer.values[provider.field],
            (1...ProviderChallenge.answerLimit).contains(response.utf8.count)
        else { return .failed }
        let key = secret.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
        let form = [
            (name: "secret", value: key), (name: "response", value: response), (name: "sitekey", value: siteKey),
        ]
        guard let content = try? await fetch.post(form, to: provider.verification),
            let result = try? JSONValue(parsing: content)
        else { return .unavailable }
        return verdict(result, occasion)
    }

    private func verdict(_ result: JSONValue, _ occasion: ChallengeOccasion) -> ChallengeVerdict {
        guard let isRight = result["success"]?.bool else { return .unavailable }
        guard isRight else {
            let codes = result["error-codes"]?.array?.compactMap(\.string) ?? []
            // Our own keys are wrong, or the provider is out of order: no fault of the person's.
            return codes.contains { $0.hasSuffix("-input-secret") || $0 == "internal-error" } ? .unavailable : .failed
        }
        // An answer that was given to another site of the same keys.
        if let named = result["hostname"]?.string, named != host { return .failed }
        // Turnstile says on which of our pages it was given; hCaptcha does not.
        if let action = result["action"]?.string, !action.isEmpty, action != occasion.purpose.rawValue {
            return .failed
        }
        return .passed
    }
}

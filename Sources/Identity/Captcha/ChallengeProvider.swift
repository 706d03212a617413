/// A provider of challenges on pages: where its script and frames come from, and where an answer is checked.
public struct ChallengeProvider: Sendable, Equatable {
    /// The name, as the setting has it.
    public let name: String
    /// The address of the script.
    public let script: String
    /// What a page that shows it must allow, for `script-src`, `frame-src`, `style-src` and `connect-src`.
    public let sources: [String]
    /// The class of the element that becomes the widget.
    public let elementClass: String
    /// The field of the form that has the answer.
    public let field: String
    /// Where an answer is checked.
    let verification: String

    /// Cloudflare Turnstile.
    public static let turnstile = ChallengeProvider(
        name: "turnstile", script: "https://challenges.cloudflare.com/turnstile/v0/api.js",
        sources: ["https://challenges.cloudflare.com"], elementClass: "cf-turnstile", field: "cf-turnstile-response",
        verification: "https://challenges.cloudflare.com/turnstile/v0/siteverify")

    /// hCaptcha.
    public static let hCaptcha = ChallengeProvider(
        name: "hcaptcha", script: "https://js.hcaptcha.com/1/api.js",
        sources: ["https://hcaptcha.com", "https://*.hcaptcha.com"], elementClass: "h-captcha",
        field: "h-captcha-response", verification: "https://api.hcaptcha.com/siteverify")

    /// Every provider.
    public static let all = [turnstile, hCaptcha]
}

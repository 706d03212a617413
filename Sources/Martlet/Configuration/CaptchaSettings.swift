import Identity
import JOSE

/// When and by whom people are asked to show that they are no robots.
struct CaptchaSettings: Sendable {
    /// Who asks.
    enum Provider: String, Sendable, CaseIterable {
        case builtIn = "built-in"
        case turnstile
        case hCaptcha = "hcaptcha"

        /// Nil for our own.
        var service: ChallengeProvider? {
            switch self {
            case .builtIn: nil
            case .turnstile: .turnstile
            case .hCaptcha: .hCaptcha
            }
        }
    }

    /// A provider with what it gave out.
    struct Foreign: Sendable {
        let provider: ChallengeProvider
        let siteKey: String
        let secret: Secret
    }

    var mode = ChallengeGate.Mode.adaptive
    /// Failures after which `adaptive` asks.
    var failures = 3
    /// Forms a minute from one address without a solution.
    var waits = 6
    /// Nil for our own.
    var foreign: Foreign?
}

extension SettingsReader {
    mutating func captcha() -> CaptchaSettings {
        var captcha = CaptchaSettings()
        if let mode: ChallengeGate.Mode = choice(.captcha) { captcha.mode = mode }
        if let count = number(.captchaFailures) { captcha.failures = count }
        if let count = number(.captchaWaits) { captcha.waits = count }
        let chosen: CaptchaSettings.Provider = choice(.captchaProvider) ?? .builtIn
        guard let provider = chosen.service else {
            for setting in [Setting.captchaSiteKey, .captchaSecretFile] where text(setting) != nil {
                report(
                    setting, "is set without a provider that has it",
                    "Remove it, or write turnstile or hcaptcha as \(Setting.captchaProvider.rawValue).")
            }
            return captcha
        }
        for setting in [Setting.captchaSiteKey, .captchaSecretFile] where text(setting) == nil {
            report(setting, "is missing", "\(chosen.rawValue) gives out a key for pages and a secret for the server.")
        }
        guard let siteKey = text(.captchaSiteKey), text(.captchaSecretFile) != nil else { return captcha }
        if siteKey.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            report(.captchaSiteKey, "is no key", "Copy it from the provider's page: visible characters alone.")
        }
        if let secret = SecretFile.read(.captchaSecretFile, &self, blanks: .refused) {
            captcha.foreign = CaptchaSettings.Foreign(provider: provider, siteKey: siteKey, secret: secret)
        }
        return captcha
    }
}

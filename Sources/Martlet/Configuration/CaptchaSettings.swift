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
    /// Nil for our own.
    var foreign: Foreign?
}

extension SettingsReader {
    mutating func captcha() -> CaptchaSettings {
        var captcha = CaptchaSettings()
        if let mode: ChallengeGate.Mode = choice(.captcha) { captcha.mode = mode }
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
        guard let siteKey = text(.captchaSiteKey), let path = text(.captchaSecretFile) else { return captcha }
        if siteKey.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            report(.captchaSiteKey, "is no key", "Copy it from the provider's page: visible characters alone.")
        }
        if let secret = captchaSecret(path) {
            captcha.foreign = CaptchaSettings.Foreign(provider: provider, siteKey: siteKey, secret: secret)
        }
        return captcha
    }

    private mutating func captchaSecret(_ path: String) -> Secret? {
        func refuse(_ complaint: String, _ remedy: String) -> Secret? {
            report(.captchaSecretFile, "names \(Console.visible(path)), which cannot be used: \(complaint)", remedy)
            return nil
        }
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: 1024)
        } catch {
            return refuse("\(error)", "Correct the path, or give the server's user the right to read it.")
        }
        guard contents.mode & 0o077 == 0 else {
            return refuse("others than its owner may read it", "Take the rights away with: chmod 600.")
        }
        let line = contents.bytes.prefix { $0 > 0x20 && $0 < 0x7F }
        let isAlone = contents.bytes[line.endIndex...].allSatisfy {
            $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
        }
        guard !line.isEmpty, isAlone else {
            return refuse("it is not one line of visible characters", "Write the secret alone.")
        }
        return Secret(Array(line))
    }
}

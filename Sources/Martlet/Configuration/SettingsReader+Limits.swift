import Identity
import Stores

extension SettingsReader {
    /// The limits on guessing passwords; what is not set keeps its default.
    mutating func signInLimits() -> SignInLimits {
        var limits = SignInLimits()
        if let count = number(.failuresPerAddress) { limits.perAddress = count }
        if let count = number(.failuresPerNetwork) { limits.perNetwork = count }
        if let count = number(.failuresEverywhere) { limits.everywhere = count }
        let step = number(.lockTime).map { Duration.seconds($0) }
        let longest = number(.lockLongest).map { Duration.seconds($0) }
        if (longest ?? LockRule.standard.longest) < (step ?? LockRule.standard.step) {
            report(.lockLongest, "is less than \(Setting.lockTime.rawValue)", "Write at least as many seconds.")
        }
        limits.lock = rule(.lockFailures, .standard, step, longest)
        limits.account = rule(.accountFailures, .account, step, longest)
        limits.comparisons = number(.signInsPerAddress)
        limits.requests = number(.requestsPerAddress)
        limits.secondFactorFailures = number(.secondFactorFailures)
        reportOne(.secondFactorFailures, limits.secondFactorFailures)
        return limits
    }

    /// The limits on mails that anybody may ask for; what is not set keeps its default.
    mutating func mailRates() -> MailRates {
        var rates = MailRates()
        set(&rates.perAddress, .mailsPerAddress)
        set(&rates.perNetwork, .mailsPerNetwork)
        set(&rates.perCode, .mailsPerCode)
        set(&rates.lockOuts, .lockMails)
        set(&rates.guesses, .codeGuesses)
        set(&rates.changes, .changesPerAccount)
        set(&rates.pause, .mailPause)
        set(&rates.longestPause, .mailLongestPause)
        if rates.longestPause < rates.pause {
            report(.mailLongestPause, "is less than \(Setting.mailPause.rawValue)", "Write at least as many seconds.")
        }
        set(&rates.lifetimes.code, .mailCodeLifetime)
        set(&rates.lifetimes.link, .mailLinkLifetime)
        set(&rates.lifetimes.reset, .resetLinkLifetime)
        return rates
    }

    /// The limits on what one address asks for beside signing in; what is not set keeps its default.
    mutating func requestRates() -> RequestRates {
        var rates = RequestRates()
        set(&rates.passwordChecks, .passwordChecks)
        set(&rates.passkeyOptions, .passkeyOptions)
        set(&rates.connectorAnswers, .connectorAnswers)
        set(&rates.connectorAccounts, .connectorAccounts)
        set(&rates.clientFailures, .clientFailures)
        set(&rates.registrations, .registrations)
        set(&rates.registrationChanges, .registrationChanges)
        set(&rates.logos, .logos)
        return rates
    }

    /// How many rows strangers may cause in the log of events; what is not set keeps its default.
    mutating func auditRates() -> AuditRates {
        var rates = AuditRates()
        set(&rates.refusals, .auditRefusals)
        set(&rates.refusalsPerNetwork, .auditRefusalsPerNetwork)
        return rates
    }

    /// How long people stay signed in who wish so; nil where nobody is asked.
    mutating func remembered() -> Sessions.Remembered? {
        let lifetime = number(.rememberedLifetime) ?? 30 * 86_400
        let idle = number(.rememberedIdleLifetime)
        if let idle, lifetime > 0, idle > lifetime {
            report(
                .rememberedIdleLifetime, "is more than \(Setting.rememberedLifetime.rawValue)",
                "Write as many seconds at most.")
        }
        guard lifetime > 0 else { return nil }
        return Sessions.Remembered(
            lifetime: .seconds(lifetime), idleLifetime: .seconds(min(idle ?? 14 * 86_400, lifetime)))
    }

    private mutating func set(_ value: inout Int, _ setting: Setting) {
        if let number = number(setting) { value = number }
    }

    private mutating func set(_ value: inout Duration, _ setting: Setting) {
        if let seconds = number(setting) { value = .seconds(seconds) }
    }

    private mutating func rule(
        _ setting: Setting, _ standard: LockRule, _ step: Duration?, _ longest: Duration?
    ) -> LockRule? {
        let failures = number(setting) ?? standard.failures
        reportOne(setting, failures)
        guard failures >= 2 else { return nil }
        return LockRule(
            failures: failures, step: step ?? standard.step, longest: longest ?? standard.longest,
            memory: standard.memory)
    }

    /// One failure is a slip of the finger.
    private mutating func reportOne(_ setting: Setting, _ failures: Int?) {
        if failures == 1 { report(setting, "is 1", "Write 0 for never, or 2 at least.") }
    }
}

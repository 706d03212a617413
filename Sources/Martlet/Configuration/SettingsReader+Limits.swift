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
        limits.lock = rule(.lockFailures, .standard, step)
        limits.account = rule(.accountFailures, .account, step)
        return limits
    }

    private mutating func rule(_ setting: Setting, _ standard: LockRule, _ step: Duration?) -> LockRule? {
        let failures = number(setting) ?? standard.failures
        // One failure is a slip of the finger.
        if failures == 1 { report(setting, "is 1", "Write 0 for never, or 2 at least.") }
        guard failures >= 2 else { return nil }
        return LockRule(
            failures: failures, step: step ?? standard.step, longest: standard.longest, memory: standard.memory)
    }
}

import Identity
import Stores

extension SettingsReader {
    /// The limits on guessing passwords; what is not set keeps its default.
    mutating func signInLimits() -> SignInLimits {
        var limits = SignInLimits()
        if let count = number(.failuresPerAddress) { limits.perAddress = count }
        if let count = number(.failuresPerNetwork) { limits.perNetwork = count }
        let standard = LockRule.standard
        let failures = number(.lockFailures) ?? standard.failures
        let step = number(.lockTime).map { Duration.seconds($0) } ?? standard.step
        // One failure is a slip of the finger.
        if failures == 1 { report(.lockFailures, "is 1", "Write 0 for never, or 2 at least.") }
        limits.lock =
            failures < 2
            ? nil
            : LockRule(failures: failures, step: step, longest: standard.longest, memory: standard.memory)
        return limits
    }
}

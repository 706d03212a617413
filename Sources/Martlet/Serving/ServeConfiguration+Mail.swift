import AuthorizationServer
import Identity
import JOSE
import Stores
import Web

extension ServeConfiguration {
    /// What a site with mail has beside the rest; `wake` is called when a mail was ordered.
    func mailParts(
        _ environment: ServerEnvironment, _ masterKey: MasterKey, _ hasher: PasswordHasher, _ judge: PasswordJudge,
        directories: any PasswordAuthority, inbox: Inbox?, wake: @escaping @Sendable () -> Void
    ) -> Site.MailParts {
        let (storage, clock, random) = (environment.storage, environment.clock, environment.random)
        let accounts = Accounts(storage.users, hasher: hasher, clock: clock, random: random, judge: judge)
        let limits = MailLimits(storage.attempts, clock: clock, rates: settings.mailRates)
        return Site.MailParts(
            reset: PasswordReset(
                storage, accounts: accounts, limits: limits, clock: clock, random: random, beside: directories,
                wake: wake),
            signUp: SignUp(
                storage, accounts: accounts, limits: limits, codes: MailCodes(masterKey, random: random),
                clock: clock, random: random, rates: settings.requestRates, wake: wake),
            emailChange: EmailChange(
                storage, limits: limits, codes: MailCodes(masterKey, random: random), clock: clock, random: random,
                wake: wake),
            recourses: Recourses(storage, clock: clock, random: random, wake: wake),
            signUpMode: settings.signUp,
            termsURL: settings.terms,
            inbox: inbox
        )
    }
}

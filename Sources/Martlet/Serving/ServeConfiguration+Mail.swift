import AuthorizationServer
import Identity
import JOSE
import Stores
import Web

extension ServeConfiguration {
    /// What a site with mail has beside the rest; `wake` is called when a mail was ordered.
    func mailParts(
        _ environment: ServerEnvironment, _ masterKey: MasterKey, _ hasher: PasswordHasher, _ judge: PasswordJudge,
        inbox: Inbox?, wake: @escaping @Sendable () -> Void
    ) -> Site.MailParts {
        let (storage, clock, random) = (environment.storage, environment.clock, environment.random)
        let accounts = Accounts(storage.users, hasher: hasher, clock: clock, random: random, judge: judge)
        let limits = MailLimits(storage.attempts, clock: clock)
        return Site.MailParts(
            reset: PasswordReset(
                storage, accounts: accounts, limits: limits, clock: clock, random: random, wake: wake),
            signUp: SignUp(
                storage, accounts: accounts, limits: limits, codes: MailCodes(masterKey, random: random),
                clock: clock, random: random, wake: wake),
            emailChange: EmailChange(
                storage, limits: limits, codes: MailCodes(masterKey, random: random), clock: clock, random: random,
                wake: wake),
            recourses: Recourses(storage, clock: clock, random: random, wake: wake),
            signUpMode: settings.signUp,
            termsURL: settings.terms,
            inbox: inbox
        )
    }

    /// What people change about their accounts; `wake` is called when a mail was ordered, nil where none can be sent.
    func accountParts(
        _ environment: ServerEnvironment, _ hasher: PasswordHasher, _ judge: PasswordJudge, _ signIn: LimitedSignIn,
        wake: (@Sendable () -> Void)?
    ) -> Site.AccountParts {
        let (storage, clock, random) = (environment.storage, environment.clock, environment.random)
        let accounts = Accounts(storage.users, hasher: hasher, clock: clock, random: random, judge: judge)
        let notices = AccountNotices(storage, clock: clock, random: random, wake: wake)
        return Site.AccountParts(
            accounts: accounts,
            passwords: PasswordChange(storage, accounts: accounts, signIn: signIn, notices: notices, clock: clock),
            deletion: AccountDeletion(
                storage, grace: settings.deletionGrace, clock: clock, random: random, wake: wake),
            notices: notices)
    }
}

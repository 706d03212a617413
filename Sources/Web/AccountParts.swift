public import AuthorizationServer
public import Identity
import Stores

extension Site {
    /// What people change about their own accounts, with mail or without.
    public struct AccountParts: Sendable {
        /// The accounts.
        public let accounts: Accounts
        /// Other passwords.
        public let passwords: PasswordChange
        /// The end of an account.
        public let deletion: AccountDeletion
        /// What people are told by mail.
        public let notices: AccountNotices

        /// Parts over the stores of an issuer.
        ///
        /// `authority` has the passwords that cannot be changed here, `grace` is how long an account waits that is to be
        /// deleted; `wake` is called when a mail was ordered, nil where none can be sent.
        public init(
            _ environment: ServerEnvironment, hasher: PasswordHasher, judge: PasswordJudge? = nil,
            signIn: LimitedSignIn, beside authority: (any PasswordAuthority)? = nil,
            grace: Duration = AccountDeletion.standardGrace, rates: MailRates = MailRates(),
            wake: (@Sendable () -> Void)?
        ) {
            let (storage, clock, random) = (environment.storage, environment.clock, environment.random)
            accounts = Accounts(storage.users, hasher: hasher, clock: clock, random: random, judge: judge)
            notices = AccountNotices(storage, clock: clock, random: random, rates: rates, wake: wake)
            passwords = PasswordChange(
                storage, accounts: accounts, signIn: signIn, notices: notices, clock: clock,
                beside: authority)
            deletion = AccountDeletion(storage, grace: grace, clock: clock, random: random, wake: wake)
        }
    }
}

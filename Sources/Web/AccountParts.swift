public import Identity

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

        /// A site's parts.
        public init(
            accounts: Accounts, passwords: PasswordChange, deletion: AccountDeletion, notices: AccountNotices
        ) {
            self.accounts = accounts
            self.passwords = passwords
            self.deletion = deletion
            self.notices = notices
        }
    }
}

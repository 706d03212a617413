/// Every command, in the order of the help.
enum CommandTable {
    static let all: [any Command.Type] = [
        ServeCommand.self,
        MigrateCommand.self,
        MoveCommand.self,
        BackupCommand.self,
        DoctorCommand.self,
        SizingCommand.self,
        KeysListCommand.self,
        KeysRotateCommand.self,
        KeysRevokeCommand.self,
        KeysImportCommand.self,
        KeysResealCommand.self,
        UserAddCommand.self,
        UserListCommand.self,
        UserSetPasswordCommand.self,
        UserDisableCommand.self, UserEnableCommand.self,
        UserInviteCommand.self,
        ImportCommand.self,
        PasswordsCheckCommand.self,
        PasswordsBuildFilterCommand.self,
        PasswordsShowFilterCommand.self,
        UserResetSecondFactorCommand.self,
        UserLinksCommand.self,
        UserUnlinkCommand.self,
        GroupAddCommand.self, GroupListCommand.self, GroupRemoveCommand.self,
        RoleAddCommand.self, RoleListCommand.self, RoleRemoveCommand.self,
        UserExportCommand.self,
        UserEraseCommand.self,
        AuditListCommand.self,
        AuditExportCommand.self,
        AuditVerifyCommand.self,
        ClientAddCommand.self,
        ClientListCommand.self,
        ClientShowCommand.self,
        ClientUpdateCommand.self,
        ClientRotateSecretCommand.self,
        ClientRegistrationTokenCommand.self,
        ClientRemoveCommand.self,
        ResourceAddCommand.self,
        ResourceListCommand.self,
        ResourceShowCommand.self,
        ResourceUpdateCommand.self,
        ResourceMetadataCommand.self,
        ResourceRemoveCommand.self,
        ConnectorAddCommand.self,
        ConnectorApplyCommand.self,
        ConnectorListCommand.self,
        ConnectorShowCommand.self,
        ConnectorTestCommand.self,
        ConnectorEnableCommand.self,
        ConnectorDisableCommand.self,
        ConnectorRemoveCommand.self,
        TokenVerifyCommand.self,
        TokenDecodeCommand.self,
        ExplainCommand.self,
        LogoutListCommand.self,
        LogoutRetryCommand.self,
        MailListCommand.self,
        MailRetryCommand.self,
        MailTestCommand.self,
    ]

    /// What the first words of a line name.
    enum Named {
        case command(any Command.Type, rest: [String])
        /// The first word of several commands, without a second one.
        case group(String)
    }

    static func members(of group: String) -> [any Command.Type] {
        all.filter { $0.usage.words.count == 2 && $0.usage.words[0] == group }
    }

    static func find(_ words: [String]) throws(UsageError) -> Named {
        let first = words.first ?? ""
        if let command = all.first(where: { $0.usage.words == [first] }) {
            return .command(command, rest: Array(words.dropFirst()))
        }
        let members = members(of: first)
        guard !members.isEmpty else {
            let known = Set(all.map { $0.usage.words[0] }).sorted() + ["--help", "--version"]
            throw .unknown(first.hasPrefix("-") ? "option" : "command", first, known: known, in: [])
        }
        guard words.count > 1, !words[1].hasPrefix("-") else { return .group(first) }
        guard let command = members.first(where: { $0.usage.words[1] == words[1] }) else {
            throw .unknown("command \(first)", words[1], known: members.map { $0.usage.words[1] }, in: [first])
        }
        return .command(command, rest: Array(words.dropFirst(2)))
    }
}

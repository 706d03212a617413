import Testing

@testable import Martlet

@Suite("The command line")
struct InvocationTests {
    private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    @Test func anIdentifierMayBeginWithADash() throws {
        #expect(try Arguments(["-fQ", "--json"], for: KeysRevokeCommand.usage).operand == "-fQ")
        #expect(try Arguments(["--", "--fQ"], for: KeysRevokeCommand.usage).operand == "--fQ")
        #expect(throws: UsageError.self) { try Arguments(["--fQ"], for: KeysRevokeCommand.usage) }
        #expect(throws: UsageError.self) { try Arguments(["-fQ"], for: ClientAddCommand.usage) }
    }

    @Test(arguments: [
        ("", "a command is missing"),
        ("srve", "there is no command srve; did you mean serve?"),
        ("frobnicate", "there is no command frobnicate"),
        ("--hlep", "there is no option --hlep; did you mean --help?"),
        ("serve now", "serve takes no word now"),
        ("serve --port 1", "there is no option --port"),
        ("keys", "keys needs one of: list, rotate, revoke, import, reseal"),
        ("keys --json", "keys needs one of: list, rotate, revoke, import, reseal"),
        ("keys rotat", "there is no command keys rotat; did you mean rotate?"),
        ("help cleint", "there is no command cleint; did you mean client?"),
        ("client add --redirct-uri x", "there is no option --redirct-uri; did you mean --redirect-uri?"),
        ("client add --id", "--id ID lacks its value"),
        ("client add --id --json", "--id ID lacks its value"),
        ("client add --id a --id b", "--id is given twice"),
        ("client add --json=yes", "--json takes no value"),
        ("client add extra", "client add takes no word extra"),
        ("client add --grant code", "there is no --grant code"),
        (
            "client add --grant authorisation_code",
            "there is no --grant authorisation_code; did you mean authorization_code?"
        ),
        (
            "client add --public --secret-stdin",
            "--public and --secret-stdin exclude each other: a public client has no secret"
        ),
        (
            "client add --public --auth-method client_secret_post",
            "--public and --auth-method exclude each other: a public client proves nothing"
        ),
        ("client add --auth-method none", "--auth-method none is written --public"),
        ("client show", "ID is missing"),
        ("client show a b", "client show takes one word, and b is another"),
        ("client show a --id b", "ID is given twice"),
        ("backup", "FILE is missing"),
        ("import --from jsonl", "FILE is missing"),
        ("import f --from jsonl --hashes h", "--hashes is for auth0"),
        ("import f --from jsonl --connector google", "--connector ID=NAME takes two things with = between them"),
        ("import f --from jsonl --group =f", "--group NAME=FILE takes two things with = between them"),
        ("import f --from jsonl --connector a=x --connector b=x", "two connectors stand for x"),
        ("token verify --jwks f", "--jwks goes with --issuer: a key set does not say whose it is"),
        ("token verify --issuer https://a.example", "--audience NAME is missing: whom the token is for"),
        ("token verify --id-token", "--audience NAME is missing: the client's identifier"),
        ("token verify --nonce n", "--nonce goes with --id-token"),
        ("token verify --id-token --plain-jwt --audience a", "--id-token and --plain-jwt exclude each other"),
        ("token decode eyJ", "token decode takes no word eyJ"),
        ("backup --force --verify x", "--force and --verify exclude each other"),
        ("migrate --dry-run --rehearse", "--dry-run and --rehearse exclude each other"),
        ("migrate --sample 5", "--sample goes with --rehearse"),
        ("migrate --dry-run --sample 5", "--sample goes with --rehearse"),
        ("migrate --rehearse --sample 0", "--sample takes a number of rows from 1 up"),
        ("migrate --rehearse --sample many", "--sample takes a number of rows from 1 up"),
        ("sizing now", "sizing takes no word now"),
        ("sizing --seconds 0", "--seconds takes a whole number from 1 to 3600"),
        ("sizing --seconds 3601", "--seconds takes a whole number from 1 to 3600"),
        ("sizing --seconds 1.5", "--seconds takes a whole number from 1 to 3600"),
        ("sizing --seconds 99999999999999999999", "--seconds takes a whole number from 1 to 3600"),
        ("sizing --seconds=", "--seconds takes a whole number from 1 to 3600"),
        ("sizing --hash-time 9", "--hash-time takes a whole number from 10 to 10000"),
        ("sizing --hash-time 10001", "--hash-time takes a whole number from 10 to 10000"),
        ("sizing --hash-time 250ms", "--hash-time takes a whole number from 10 to 10000"),
        ("sizing --hash-memory 18", "--hash-memory takes a whole number from 19 to 1024"),
        ("sizing --hash-memory 1025", "--hash-memory takes a whole number from 19 to 1024"),
        ("sizing --hash-memory", "--hash-memory MIB lacks its value"),
        ("db move", "--to LOCATION is missing"),
        ("db move --abort --cut-over", "--abort goes alone"),
        ("user add", "--email EMAIL is missing"),
        ("user disable", "EMAIL is missing"),
        ("user add --emial a@b", "there is no option --emial; did you mean --email?"),
    ])
    func mistakesAreNamed(_ line: String, _ sentence: String) {
        let error = #expect(throws: UsageError.self) { try Invocation(words(line)) }
        #expect(error?.sentence == sentence)
        if let error {
            #expect(Ending(of: error).status == .usage)
            #expect(Ending(of: error).status.rawValue == 64)
        }
    }

    @Test(arguments: [
        "serve", "backup --json x", "backup --verify x", "doctor", "doctor --deep --json", "migrate", "migrate --json",
        "migrate --dry-run", "migrate --rehearse --sample 5 --json", "keys list",
        "keys rotate --json", "user add --email a@b.example", "db move --to sqlite:/a --cut-over --json",
        "db move --to postgresql://martlet@localhost/martlet", "db move --abort",
        "sizing", "sizing --seconds 1 --hash-time 10 --hash-memory 19 --json",
        "sizing --seconds 3600 --hash-time=10000 --hash-memory 1024",
        "user add --email=a@b.example --name N --verified --password-stdin --json", "user list --json",
        "user disable a@b.example", "user disable --email a@b.example",
        "user set-password --email a@b.example --password-stdin", "user set-password a@b.example",
        "client add",
        "client add --id shop --redirect-uri https://shop.example/cb --grant authorization_code --grant refresh_token --scope openid --scope email --post-logout-redirect-uri https://shop.example/ --first-party --secret-stdin --json",
        "client add --public --redirect-uri com.example:/cb", "client add --auth-method client_secret_basic",
        "client list", "client show shop", "client show --id shop --json", "client remove shop",
        "client remove -- --odd",
    ])
    func spellingsOfTheContractAreUnderstood(_ line: String) throws {
        guard case .command = try Invocation(words(line)) else {
            Issue.record("no command")
            return
        }
    }

    @Test(arguments: CommandTable.all.map { $0.usage.words })
    func everyCommandHasHelp(_ command: [String]) throws {
        let name = command.joined(separator: " ")
        for line in [
            command + ["--help"], command + ["-h"], ["help"] + command, command + ["--no-such-option", "--help"],
        ] {
            guard case .help(let text) = try Invocation(line) else {
                Issue.record("no help for \(line)")
                continue
            }
            #expect(text.contains("Usage: martlet \(name)"))
            #expect(text.contains("--help"))
            #expect(text.contains("Examples:") || command == ["user", "list"])
            for row in text.split(separator: "\n") where row.count > 80 { Issue.record("too wide: \(row)") }
        }
        guard case .version = try Invocation(command + ["--version"]) else {
            Issue.record("no version for \(name)")
            return
        }
    }

    @Test func theOverviewAndTheGroupsNameEveryCommand() throws {
        guard case .help(let overview) = try Invocation(["--help"]) else {
            Issue.record("no help")
            return
        }
        for command in CommandTable.all { #expect(overview.contains(command.usage.name)) }
        guard case .help(let group) = try Invocation(["keys", "--help"]) else {
            Issue.record("no help")
            return
        }
        #expect(group.contains("keys rotate") && !group.contains("user add"))
    }

    @Test func serveTellsEverySetting() {
        let text = HelpText.of(ServeCommand.usage)
        for setting in Setting.allCases { #expect(text.contains(setting.rawValue)) }
    }

    @Test func controlCharactersOfTheCommandLineStayOutOfTheTerminal() {
        let error = #expect(throws: UsageError.self) { try Invocation(["\u{1b}[31m"]) }
        #expect(error?.sentence == "there is no command \\u{1b}[31m")
    }
}

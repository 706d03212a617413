import AuthorizationServer
import Foundation
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import SQLStores
import Stores
import Testing

@testable import Martlet

@Suite("Commands, by the built program")
struct CommandTests {
    /// A command on the database of a folder.
    private func martlet(
        _ line: String, in folder: TemporaryFolder, input: String = ""
    ) async throws -> MartletProcess.Outcome {
        try await MartletProcess.run(
            line.split(separator: " ").map(String.init),
            in: folder,
            environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")],
            input: input
        )
    }

    private func json(_ outcome: MartletProcess.Outcome) throws -> JSONValue {
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try JSONValue(parsing: outcome.output.trimmingCharacters(in: .newlines))
    }

    /// Whether a text stands in a file of the database.
    private func isStored(_ text: String, in folder: TemporaryFolder) throws -> Bool {
        try ["martlet.db", "martlet.db-wal"].contains { name in
            let path = folder.path(name)
            guard FileManager.default.fileExists(atPath: path) else { return false }
            return try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(text.utf8)) != nil
        }
    }

    @Test func theVersionAndTheHelpAreThereWithoutAnything() async throws {
        let folder = try TemporaryFolder()
        let version = try await MartletProcess.run(["--version"], in: folder)
        #expect(version.status == 0 && version.output == "martlet \(Version.text)\n" && version.errors.isEmpty)
        for command in CommandTable.all {
            let help = try await MartletProcess.run(command.usage.words + ["--help"], in: folder)
            #expect(help.status == 0 && help.output.contains("Usage: martlet \(command.usage.name)"))
            #expect(help.errors.isEmpty)
        }
        // Asking for help makes no data.
        #expect(!FileManager.default.fileExists(atPath: folder.path("data")))
    }

    @Test func directoriesAreSetUpAndTried() async throws {
        let folder = try TemporaryFolder()
        let secret = "the password of the account that searches"
        _ = try MasterKeyFile.generate(at: folder.path("master.key"))
        func write(_ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path("corp.json")))
        }
        // Nobody listens at port 1 of this machine.
        let settings = #""hosts":["127.0.0.1:1"],"domains":["corp.example"],"base":"dc=x","bind_dn":"cn=s""#
        let add = "connector add corp --kind ldap --settings corp.json --json"
        try write("{\(settings),\"host\":\"a\"}")
        let wrong = try await martlet(add, in: folder, input: secret + "\n")
        #expect(wrong.status == 65 && wrong.errors.contains("host is not a setting of a directory"), "\(wrong.errors)")
        try write("{\(settings)}")
        let added = try json(try await martlet(add, in: folder, input: secret + "\n"))
        #expect(added["kind"]?.string == "ldap" && added["has_secret"]?.bool == true)
        #expect(added["callback_path"] == nil)
        #expect(try !isStored(secret, in: folder))
        let tried = try await martlet("connector test corp", in: folder)
        #expect(tried.status == 1 && tried.output.contains("unreachable") && tried.output.contains("firewalls"))
        #expect(!tried.errors.contains("is disabled"))
        #expect(try await martlet("connector disable corp", in: folder).status == 0)
        #expect(
            try await martlet("connector test corp", in: folder).errors.contains("corp is disabled: nobody signs in"))
        #expect(try await martlet("connector enable corp", in: folder).status == 0)
        try write("[{\"id\":\"corp\",\"settings\":{\(settings),\"identifier\":\"uid\"}}]")
        let refused = try await martlet("connector apply corp.json", in: folder)
        #expect(refused.status == 65 && refused.errors.contains("identifier cannot change"), "\(refused.errors)")
        try write("[{\"id\":\"corp\",\"settings\":{\(settings),\"name\":\"cn\"}}]")
        #expect(try await martlet("connector apply corp.json", in: folder).status == 0)
    }

    @Test func connectorsAreSetUpShownChangedAndRemoved() async throws {
        let folder = try TemporaryFolder()
        let secret = "a secret that is nowhere in clear"
        _ = try MasterKeyFile.generate(at: folder.path("master.key"))
        let added = try json(
            try await martlet(
                "connector add google --preset google --client-id 123.apps --json", in: folder, input: secret + "\n"))
        #expect(added["name"]?.string == "Google" && added["has_secret"]?.bool == true)
        #expect(added["callback_path"]?.string == "/federation/google/callback")
        #expect(try !isStored(secret, in: folder))
        let again = try await martlet(
            "connector add google --preset google --client-id 1", in: folder, input: secret + "\n")
        #expect(again.status == 1 && again.errors.contains("connector apply"))
        for (line, words) in [
            ("connector add entra --preset entra --client-id x", "tenant is missing"),
            ("connector add x --preset nobody --client-id x", "google, entra, apple"),
            ("connector add Bad --preset google --client-id x", "small letters"),
        ] {
            let refused = try await martlet(line, in: folder, input: secret + "\n")
            #expect(refused.status == 65 && refused.errors.contains(words), "\(refused.errors)")
        }
        try Data(secret.utf8).write(to: URL(fileURLWithPath: folder.path("hub.secret")))
        let file = #"""
            [{"id":"google","name":"Work","settings":{"client_id":"123.apps"},"position":9},
            {"id":"hub","preset":"github","settings":{"client_id":"x"},"secret_file":"hub.secret","enabled":false}]
            """#
        try Data(file.utf8).write(to: URL(fileURLWithPath: folder.path("connectors.json")))
        let applied = try await martlet("connector apply connectors.json", in: folder)
        #expect(applied.status == 0, "\(applied.errors)")
        let list = try json(try await martlet("connector list --json", in: folder))
        #expect(list.array?.map { $0["id"]?.string } == ["hub", "google"])
        #expect(list[0]?["enabled"]?.bool == false && list[1]?["name"]?.string == "Work")
        // Without another one the secret stays.
        #expect(list[1]?["has_secret"]?.bool == true && list[1]?["preset"]?.string == "google")
        // Other people would open the accounts that are linked.
        let other = #"[{"id":"google","settings":{"client_id":"123.apps","claims":{"subject":"email"}}}]"#
        try Data(other.utf8).write(to: URL(fileURLWithPath: folder.path("connectors.json")))
        let refused = try await martlet("connector apply connectors.json", in: folder)
        #expect(refused.status == 65 && refused.errors.contains("claims.subject cannot change"), "\(refused.errors)")
        try Data(#"[{"id":"google","setings":{}}]"#.utf8).write(
            to: URL(fileURLWithPath: folder.path("connectors.json")))
        #expect(try await martlet("connector apply connectors.json", in: folder).status == 65)
        // A file that does not say what it seems to say.
        for (text, words) in [
            (#"[{"id":"google","secret":"x"}]"#, "secret_file names one that holds it"),
            (#"[{"id":"google","settings":{"client_id":"1"},"secret_file":"blank"}]"#, "blank holds no secret"),
            (#"[{"id":"google","settings":{"client_id":"1"},"secret_file":"half"}]"#, "one line of a key alone"),
            ("[{\"id\":\"google\",\n}]", "line 2: something stands there that JSON does not have"),
        ] {
            try folder.file("blank", " \n")
            try folder.file("half", "-----BEGIN PRIVATE KEY-----\n")
            try folder.file("odd.json", text)
            let refused = try await martlet("connector apply odd.json", in: folder)
            #expect(refused.status == 65 && refused.errors.contains(words), "\(refused.errors)")
        }
        try folder.file("odd.json", "[]")
        #expect(try await martlet("connector apply odd.json", in: folder).output.contains("names no connector"))
        // What is shown can be given back.
        let shown = try await martlet("connector show google --json", in: folder).output
        try folder.file("same.json", "[\(shown)]")
        let same = try await martlet("connector apply same.json", in: folder)
        #expect(same.status == 0, "\(same.errors)")
        #expect(try await martlet("connector show google --json", in: folder).output == shown)
        #expect(try await martlet("connector disable google", in: folder).status == 0)
        #expect(try json(try await martlet("connector show google --json", in: folder))["enabled"]?.bool == false)
        #expect(try await martlet("connector enable google", in: folder).status == 0)
        #expect(try await martlet("connector remove google", in: folder).status == 0)
        #expect(try await martlet("connector show google", in: folder).status == 1)
        let events = try await martlet("audit list", in: folder)
        for word in ["connector_added", "connector_changed", "connector_removed"] {
            #expect(events.output.contains(word), "\(word)")
        }
    }

    @Test func aLineThatIsNotUnderstoodEndsWith64() async throws {
        let folder = try TemporaryFolder()
        for line in ["", "clien list", "client lst", "client list --jsno", "client show"] {
            let outcome = try await martlet(line, in: folder)
            #expect(outcome.status == 64)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.contains("--help"))
        }
        #expect(try await martlet("client lst", in: folder).errors.contains("did you mean list?"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("martlet.db")))
    }

    @Test func wrongSettingsEndWith78AllAtOnce() async throws {
        let folder = try TemporaryFolder()
        for command in [["serve"], ["client", "list"]] {
            let outcome = try await MartletProcess.run(
                command,
                in: folder,
                environment: ["MARTLET_LISTEN": "x", "MARTLET_LOOPS": "x", "MARTLET_DATABSE": "x"]
            )
            #expect(outcome.status == 78)
            for name in ["MARTLET_LISTEN", "MARTLET_LOOPS", "MARTLET_DATABSE", "Did you mean MARTLET_DATABASE?"] {
                #expect(outcome.errors.contains(name))
            }
            #expect(outcome.output.isEmpty)
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path("data")))
    }

    @Test func aDatabaseThatCannotBeReachedEndsWith69() async throws {
        let folder = try TemporaryFolder()
        try folder.file("file", "")
        let outcome = try await MartletProcess.run(
            ["client", "list"],
            in: folder,
            environment: ["MARTLET_DATABASE": "sqlite:" + folder.path("file/martlet.db")]
        )
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("MARTLET_DATABASE"))
        #expect(try await martlet("migrate", in: folder).status == 0)
        #expect(try await martlet("client list", in: folder).status == 0)
    }

    @Test func aClientIsAddedListedShownAndRemoved() async throws {
        let folder = try TemporaryFolder()
        let added = try json(
            await martlet(
                "client add --id shop --redirect-uri https://shop.example/cb --grant authorization_code "
                    + "--grant refresh_token --scope openid --scope email "
                    + "--post-logout-redirect-uri https://shop.example/bye --first-party --json",
                in: folder
            )
        )
        let secret = try #require(added["client_secret"]?.string)
        #expect(added["client_id"]?.string == "shop")
        #expect(secret.utf8.count == 43)

        let shown = try json(await martlet("client show shop --json", in: folder))
        #expect(shown["client_secret"] == nil)
        #expect(shown["redirect_uris"] == .array([.string("https://shop.example/cb")]))
        #expect(shown["post_logout_redirect_uris"] == .array([.string("https://shop.example/bye")]))
        #expect(shown["grant_types"] == .array([.string("authorization_code"), .string("refresh_token")]))
        #expect(shown["scope"]?.string == "openid email")
        #expect(shown["first_party"]?.bool == true)
        #expect(shown["public"]?.bool == false)
        #expect(try json(await martlet("client list --json", in: folder)).array?.count == 1)

        let again = try await martlet("client add --id shop --scope a", in: folder)
        #expect(again.status == 1 && again.errors.contains("there is a client shop already"))
        #expect(try await martlet("client remove shop", in: folder).status == 0)
        #expect(try await martlet("client remove shop", in: folder).status == 1)
        #expect(try await martlet("client show shop", in: folder).status == 1)
        #expect(try json(await martlet("client list --json", in: folder)).array?.isEmpty == true)
    }

    @Test("X-03: the database has no secret in clear, and it is printed once")
    func secretsAreNotStored() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await martlet("client add --id shop --redirect-uri https://shop.example/cb", in: folder)
        let line = try #require(outcome.output.split(separator: "\n").first { $0.hasPrefix("Secret") })
        let secret = String(line.split(separator: " ")[1])
        #expect(secret.utf8.count == 43)
        #expect(try isStored("https://shop.example/cb", in: folder))
        #expect(try !isStored(secret, in: folder))
        #expect(try await !martlet("client show shop", in: folder).output.contains(secret))

        let mine = "q8Jd0sVbX3mPz7LkYw2RtN5cHf9Ga1Eu"
        let brought = try await martlet("client add --id own --secret-stdin", in: folder, input: mine + "\nrest")
        #expect(brought.status == 0 && !brought.output.contains(mine))
        #expect(try !isStored(mine, in: folder))

        let password = "seven purple lanterns whisper"
        let ada = try await martlet("user add --email ada@example.com --password-stdin", in: folder, input: password)
        #expect(ada.status == 0)
        #expect(try !isStored(password, in: folder) && isStored("$argon2id$", in: folder))
    }

    @Test func badDataEndsWith65() async throws {
        let folder = try TemporaryFolder()
        let uri = try await martlet("client add --redirect-uri http://shop.example/cb", in: folder)
        #expect(uri.status == 65 && uri.errors.contains(RedirectURI.Refusal.scheme.rawValue))
        #expect(try await martlet("client add --secret-stdin", in: folder, input: "weak\n").status == 65)
        #expect(try await martlet("client add --secret-stdin", in: folder).status == 65)
        let ada = "user add --email ada@example.com --password-stdin"
        #expect(try await martlet(ada, in: folder, input: "short\n").status == 65)
        let weak = try await martlet(ada, in: folder, input: "passwordpassword\n")
        #expect(weak.status == 65 && weak.errors.contains("--allow-weak-password"))
        #expect(weak.errors.contains("Score") && !weak.errors.contains("passwordpassword"))
        #expect(try await martlet(ada, in: folder, input: "\n").status == 65)
        #expect(try await martlet("user add --email nobody", in: folder).status == 65)
        #expect(try json(await martlet("user list --json", in: folder)).array?.isEmpty == true)
        #expect(try json(await martlet("client list --json", in: folder)).array?.isEmpty == true)
        #expect(try await martlet(ada + " --allow-weak-password", in: folder, input: "short\n").status == 65)
        #expect(try await martlet(ada + " --allow-weak-password", in: folder, input: "long enough\n").status == 0)
        let set = "user set-password ada@example.com"
        #expect(try await martlet(set, in: folder, input: "long enough\n").status == 65)
        #expect(try await martlet(set + " --allow-weak-password", in: folder, input: "long enough\n").status == 0)
        #expect(try await martlet(set, in: folder, input: "seven purple lanterns whisper\n").status == 0)
    }

    @Test func aPersonIsAddedListedAndDisabled() async throws {
        let folder = try TemporaryFolder()
        let words = [
            "user", "add", "--email", "Ada@Example.com", "--name", "Ada Lovelace", "--verified", "--password-stdin",
            "--json",
        ]
        let environment = ["MARTLET_DATABASE": "sqlite:" + folder.path("martlet.db")]
        let added = try json(
            await MartletProcess.run(
                words, in: folder, environment: environment, input: "seven purple lanterns whisper\r\n")
        )
        #expect(added["email"]?.string == "ada@example.com")
        #expect(added["name"]?.string == "Ada Lovelace")
        #expect(added["email_verified"]?.bool == true)
        #expect(added["sub"]?.string?.hasPrefix("u_") == true)

        #expect(try await martlet("user add --email ada@example.com", in: folder).status == 1)
        #expect(try await martlet("user add --email bob@example.com", in: folder).status == 0)
        let users = try json(await martlet("user list --json", in: folder)).array ?? []
        #expect(users.map { $0["email"]?.string } == ["ada@example.com", "bob@example.com"])
        #expect(users.map { $0["has_password"]?.bool } == [true, false])

        let set = try await martlet(
            "user set-password --email bob@example.com --password-stdin",
            in: folder,
            input: "eleven quiet harbours tremble"
        )
        #expect(set.status == 0)
        let disabled = try json(await martlet("user disable bob@example.com --json", in: folder))
        #expect(disabled["disabled"]?.bool == true && disabled["has_password"]?.bool == true)
        #expect(try await martlet("user disable carol@example.com", in: folder).status == 1)
    }

    @Test func aLostSecondFactorIsSwitchedOffByTheOperator() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLStorage.openSQLite(at: folder.path("martlet.db"), role: .tool)
        let stores = storage.stores
        for user in [User.withEveryFieldSet(email: "ada@example.com", disabledAt: nil), .withNothingOptional()] {
            #expect(try await stores.users.insert(user))
            #expect(try await stores.secondFactors.authenticators.propose(.withEveryFieldSet(user: user.id.rawValue)))
            let key = Passkey.withEveryFieldSet(user.passwordHash == nil ? 1 : 0, user: user.id.rawValue)
            #expect(try await stores.secondFactors.passkeys.add(key, limit: 9) == .added)
        }
        #expect(try await martlet("user reset-second-factor bob@example.com", in: folder).status == 1)
        let reset = try await martlet("user reset-second-factor ada@example.com", in: folder)
        #expect(reset.status == 0 && reset.output.contains("Two-step verification is off."))
        let again = try await martlet("user reset-second-factor --email ada@example.com", in: folder)
        #expect(again.status == 0 && again.output.contains("It was off already."))
        #expect(try await stores.secondFactors.authenticators.find(User.withEveryFieldSet().id) == nil)
        #expect(try await stores.secondFactors.authenticators.find(User.withNothingOptional().id) != nil)
        #expect(try await stores.secondFactors.passkeys.list(of: User.withEveryFieldSet().id).isEmpty)
        #expect(try await stores.secondFactors.passkeys.list(of: User.withNothingOptional().id).count == 1)
        await storage.close()
    }

    @Test func everyPageOfPeopleIsListed() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLStorage.openSQLite(at: folder.path("martlet.db"), role: .tool)
        for number in 0..<1001 {
            let user = User.withNothingOptional(id: "u_\(number)", email: "person\(number)@example.com")
            _ = try await storage.stores.users.insert(user)
        }
        await storage.close()
        let users = try json(await martlet("user list --json", in: folder)).array ?? []
        #expect(Set(users.map { $0["sub"]?.string }).count == 1001)
        #expect(try await martlet("user list", in: folder).output.split(separator: "\n").count == 1002)
    }

    @Test func keysRotateNamesTheFileThatIsMissing() async throws {
        let folder = try TemporaryFolder()
        #expect(try await martlet("migrate", in: folder).status == 0)
        let outcome = try await martlet("keys rotate", in: folder)
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("MARTLET_MASTER_KEY_FILE") && outcome.errors.contains("master.key"))
        #expect(try json(await martlet("keys list --json", in: folder)).array?.isEmpty == true)
    }
}

import AuthorizationServer
import Foundation
import Identity
import Observability
import Reactor
import Stores
import Testing

@testable import Martlet

@Suite("Configuration")
struct ConfigurationTests {
    @Test func developmentNeedsNoSetting() throws {
        let configuration = try GivenSettings.serve([:])
        #expect(configuration.issuer.url == "http://localhost:8080")
        #expect(configuration.settings.listen.map(\.description) == ["127.0.0.1:8080", "[::1]:8080"])
        #expect(configuration.common.database.location == .sqlite(path: "data/martlet.db"))
        #expect(configuration.common.masterKey.description == "data/master.key")
        #expect(configuration.common.policy.accessTokenLifetime == .seconds(900))
    }

    @Test func developmentIssuerFollowsThePort() throws {
        #expect(try GivenSettings.serve(["MARTLET_LISTEN": "127.0.0.1:9000"]).issuer.url == "http://localhost:9000")
        let both = ["MARTLET_LISTEN": "127.0.0.1:9000", "MARTLET_ISSUER": "https://login.example/realm"]
        #expect(try GivenSettings.serve(both).issuer.url == "https://login.example/realm")
    }

    @Test func productionTakesWhatItNeeds() throws {
        let folder = try TemporaryFolder()
        let configuration = try GivenSettings.serve(try GivenSettings.production(in: folder))
        #expect(configuration.masterKey != nil)
        #expect(configuration.settings.listen.map(\.description) == ["127.0.0.1:8080"])
    }

    @Test(arguments: ["MARTLET_ISSUER", "MARTLET_DATABASE", "MARTLET_MASTER_KEY_FILE"])
    func productionRefusesDefaults(_ missing: String) throws {
        let folder = try TemporaryFolder()
        var variables = try GivenSettings.production(in: folder)
        variables[missing] = nil
        #expect(GivenSettings.problems(variables).map(\.subject) == [missing])
        #expect(GivenSettings.problems(try GivenSettings.production(in: folder)).isEmpty)
    }

    @Test(arguments: [0o604, 0o640, 0o660, 0o644])
    func masterKeyThatOthersCanReadIsRefused(_ mode: Int) throws {
        let folder = try TemporaryFolder()
        let variables = try GivenSettings.production(in: folder)
        chmod(folder.path("master.key"), mode_t(mode))
        let found = GivenSettings.problems(variables)
        #expect(found.map(\.subject) == ["MARTLET_MASTER_KEY_FILE"])
        #expect(found[0].complaint.contains(String(mode, radix: 8)))
        chmod(folder.path("master.key"), 0o400)
        #expect(GivenSettings.problems(variables).isEmpty)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let setting: String
        let values: [String]
        let right: String
        var testDescription: String { setting }
    }

    @Test(arguments: [
        Wrong(setting: "MARTLET_MODE", values: ["prod", "Production", ""], right: "development"),
        Wrong(
            setting: "MARTLET_ISSUER",
            values: [
                "login.example", "https://login.example/", "http://login.example", "https://login.example?a=b",
                "https://login.example#a", "https://Login.example", "https://user@login.example", "ftp://login.example",
            ],
            right: "https://login.example/realm"
        ),
        Wrong(
            setting: "MARTLET_LISTEN",
            values: [
                "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+80", "example.org:80",
                "::1:80",
                "[127.0.0.1]:80", "[::1:80", ":8080", "127.0.0.1:80,", "*:80",
            ],
            right: "0.0.0.0:8080, [::]:8080,localhost:81"
        ),
        Wrong(
            setting: "MARTLET_DATABASE",
            values: [
                "martlet.db", "sqlite:", "sqlite:folder/", "sqlite::memory:", "sqlite://host/x.db",
                "postgresql://[", "postgresql:nonsense", "postgresql://db/x?colour=red", "mysql:x",
            ],
            right: "sqlite:/var/lib/martlet/martlet.db"
        ),
        Wrong(
            setting: "MARTLET_DATABASE", values: ["postgres:host"],
            right: "postgresql://u:secret@a.example,b.example:5433/x?target_session_attrs=any"
        ),
        Wrong(setting: "MARTLET_DATABASE", values: ["postgres:="], right: "postgresql:service=martlet"),
        Wrong(setting: "MARTLET_DATABASE_CONNECTIONS", values: ["0", "501", "many"], right: "16"),
        Wrong(setting: "MARTLET_DATABASE_TIMEOUT", values: ["0", "61", "5s"], right: "60"),
        Wrong(setting: "MARTLET_TEMPLATES", values: ["/does/not/exist", "/etc/passwd"], right: "/tmp"),
        Wrong(setting: "MARTLET_LOG_LEVEL", values: ["verbose", "INFO"], right: "warning"),
        Wrong(setting: "MARTLET_LOOPS", values: ["0", "257", "-1", "2.0", "two", "99999999999999999999"], right: "1"),
        Wrong(
            setting: "MARTLET_PASSWORD_HASH",
            values: [
                "argon2id", "argon2i:m=65536,t=3,p=2", "argon2id:t=3,m=65536,p=2", "argon2id:m=65536,t=3",
                "argon2id:m=65536,t=3,p=2,", "argon2id:m=65536,t=+3,p=2", "argon2id:m=99999999999,t=3,p=2",
                "argon2id:m=,t=3,p=2", "argon2id:m=19455,t=2,p=1", "argon2id:m=19456,t=1,p=1",
                "argon2id:m=19456,t=2,p=0", "argon2id:m=1048577,t=2,p=1", "argon2id:m=19456,t=65,p=1",
                "argon2id:m=19456,t=2,p=17",
            ],
            right: "argon2id:m=19456,t=2,p=1"
        ),
        Wrong(
            setting: "MARTLET_PASSWORD_HASH", values: ["$argon2id$v=19$m=65536,t=3,p=2$"],
            right: "argon2id:m=1048576,t=64,p=16"),
        Wrong(setting: "MARTLET_PASSWORD_WORKERS", values: ["0", "65", " 1"], right: "64"),
        Wrong(setting: "MARTLET_SIGN_IN_FAILURES_PER_ADDRESS", values: ["-1", "100001", "few"], right: "0"),
        Wrong(setting: "MARTLET_SIGN_IN_FAILURES_PER_NETWORK", values: ["-1", "100001"], right: "100000"),
        Wrong(setting: "MARTLET_SIGN_IN_FAILURES_EVERYWHERE", values: ["-1", "1000001"], right: "0"),
        Wrong(setting: "MARTLET_LOCK_FAILURES", values: ["1", "101", "-1"], right: "0"),
        Wrong(setting: "MARTLET_ACCOUNT_FAILURES", values: ["1", "10001"], right: "2"),
        Wrong(setting: "MARTLET_LOCK_TIME", values: ["0", "3601", "5m"], right: "3600"),
        Wrong(setting: "MARTLET_LOCK_LONGEST", values: ["0", "299", "86401"], right: "86400"),
        Wrong(setting: "MARTLET_SECOND_FACTOR_FAILURES", values: ["1", "1001"], right: "0"),
        Wrong(setting: "MARTLET_SIGN_INS_PER_ADDRESS", values: ["-1", "100001"], right: "0"),
        Wrong(setting: "MARTLET_SIGN_IN_REQUESTS_PER_ADDRESS", values: ["-1", "100001"], right: "0"),
        Wrong(setting: "MARTLET_PASSWORD_CHECKS_PER_ADDRESS", values: ["-1", "100001"], right: "0"),
        Wrong(setting: "MARTLET_PASSKEY_OPTIONS_PER_ADDRESS", values: ["-1", "100001"], right: "0"),
        Wrong(setting: "MARTLET_CONNECTOR_ANSWERS_PER_ADDRESS", values: ["-1", "100001"], right: "0"),
        Wrong(setting: "MARTLET_CONNECTOR_ACCOUNTS_PER_ADDRESS", values: ["-1", "100001"], right: "0"),
        Wrong(setting: "MARTLET_MAILS_PER_ADDRESS", values: ["1", "10001"], right: "2"),
        Wrong(setting: "MARTLET_MAILS_PER_NETWORK", values: ["1", "10001"], right: "10000"),
        Wrong(setting: "MARTLET_MAILS_PER_CODE", values: ["0", "101"], right: "1"),
        Wrong(setting: "MARTLET_LOCK_MAILS", values: ["1", "101"], right: "100"),
        Wrong(setting: "MARTLET_CODE_GUESSES", values: ["0", "11"], right: "10"),
        Wrong(setting: "MARTLET_CHANGES_PER_ACCOUNT", values: ["1", "10001"], right: "2"),
        Wrong(setting: "MARTLET_CAPTCHA_FAILURES", values: ["0", "1001"], right: "1"),
        Wrong(setting: "MARTLET_CAPTCHA_WAITS_PER_ADDRESS", values: ["0", "10001"], right: "1"),
        Wrong(setting: "MARTLET_PASSWORD_LENGTH", values: ["7", "65", "twelve"], right: "64"),
        Wrong(setting: "MARTLET_PASSWORD_LENGTH_WITH_SECOND_FACTOR", values: ["7", "16", "65"], right: "15"),
        Wrong(setting: "MARTLET_PASSWORD_SCORE", values: ["-1", "5", "high"], right: "0"),
        Wrong(setting: "MARTLET_PASSWORD_FILES", values: ["/does/not/exist", "/etc/passwd"], right: "/tmp"),
        Wrong(
            setting: "MARTLET_PASSWORD_RANGE", values: ["http://range.example/", "range.example", "https://a b/"],
            right: "https://api.pwnedpasswords.com/range/"),
        Wrong(setting: "MARTLET_SIGN_IN_ORDER", values: ["first", "Together"], right: "address-first"),
        Wrong(setting: "MARTLET_CAPTCHA", values: ["sometimes", "Always"], right: "always"),
        Wrong(setting: "MARTLET_CAPTCHA_PROVIDER", values: ["recaptcha", "Turnstile"], right: "built-in"),
        Wrong(setting: "MARTLET_ACCESS_TOKEN_LIFETIME", values: ["4", "86401", "15m"], right: "86400"),
        Wrong(setting: "MARTLET_ID_TOKEN_LIFETIME", values: ["0", "90000"], right: "5"),
        Wrong(setting: "MARTLET_CODE_LIFETIME", values: ["601", "1"], right: "600"),
        Wrong(setting: "MARTLET_REFRESH_IDLE_LIFETIME", values: ["4", "31536001", "7776001"], right: "7776000"),
        Wrong(setting: "MARTLET_GRANT_LIFETIME", values: ["4", "63072001", "1209599"], right: "1209600"),
        Wrong(setting: "MARTLET_SESSION_LIFETIME", values: ["4", "7776001"], right: "7776000"),
        Wrong(setting: "MARTLET_REMEMBERED_LIFETIME", values: ["-1", "34560001"], right: "0"),
        Wrong(
            setting: "MARTLET_REMEMBERED_IDLE_LIFETIME", values: ["299", "2592001", "34560001"], right: "2592000"),
        Wrong(setting: "MARTLET_SESSION_IDLE_LIFETIME", values: ["299", "7776001"], right: "300"),
        Wrong(setting: "MARTLET_SESSION_BINDING", values: ["all", "Browser"], right: "both"),
        Wrong(setting: "MARTLET_REFRESH_GRACE", values: ["61", "-1"], right: "0"),
        Wrong(setting: "MARTLET_CONFIG", values: ["/does/not/exist", "/etc"], right: "/dev/null/../../etc/hostname"),
    ])
    func wrongValueIsReportedUnderItsName(_ wrong: Wrong) {
        for value in wrong.values {
            let found = GivenSettings.problems([wrong.setting: value])
            #expect(found.map(\.subject) == [wrong.setting], "\(value)")
            #expect(
                found.allSatisfy { !$0.remedy.isEmpty && $0.remedy.last.map { ".?".contains($0) } == true }, "\(value)")
        }
        guard wrong.setting != "MARTLET_CONFIG" else { return }
        #expect(GivenSettings.problems([wrong.setting: wrong.right]).isEmpty)
    }

    @Test func everythingWrongIsReportedAtOnce() {
        let found = GivenSettings.problems([
            "MARTLET_MODE": "production", "MARTLET_LISTN": "x", "MARTLET_LISTEN": "x", "MARTLET_LOOPS": "x",
            "MARTLET_DATABASE": "postgres://u:hunter2@[db/x", "MARTLET_REFRESH_GRACE": "x",
            "MARTLET_NONSENSE_AT_ALL": "x",
            "OTHER": "x",
        ])
        #expect(
            Set(found.map(\.subject)) == [
                "MARTLET_LISTN", "MARTLET_LISTEN", "MARTLET_LOOPS", "MARTLET_DATABASE", "MARTLET_REFRESH_GRACE",
                "MARTLET_NONSENSE_AT_ALL", "MARTLET_ISSUER", "MARTLET_MASTER_KEY_FILE",
            ]
        )
        #expect(found.count == 8)
        #expect(found.first { $0.subject == "MARTLET_LISTN" }?.remedy == "Did you mean MARTLET_LISTEN?")
        let text = ConfigurationError(problems: found).description
        #expect(text.hasPrefix("8 settings need attention:\n"))
        #expect(!text.contains("hunter2"))
    }

    @Test func whatAnOrchestratorSetsIsNotOurs() {
        #expect(
            GivenSettings.problems([
                "MARTLET_PORT": "tcp://10.0.0.1:80", "MARTLET_SERVICE_HOST": "10.0.0.1",
                "MARTLET_PORT_80_TCP_ADDR": "10.0.0.1",
            ]).isEmpty
        )
        #expect(GivenSettings.problems(["MARTLET_PORTS": "80"]).map(\.subject) == ["MARTLET_PORTS"])
    }

    @Test func everySettingOfTimeReachesThePolicy() throws {
        let policy = try GivenSettings.serve([
            "MARTLET_ACCESS_TOKEN_LIFETIME": "11", "MARTLET_ID_TOKEN_LIFETIME": "12", "MARTLET_CODE_LIFETIME": "13",
            "MARTLET_REFRESH_IDLE_LIFETIME": "14", "MARTLET_GRANT_LIFETIME": "15", "MARTLET_SESSION_LIFETIME": "16",
            "MARTLET_REFRESH_GRACE": "17", "MARTLET_SESSION_IDLE_LIFETIME": "318",
        ]).common.policy
        #expect(policy.accessTokenLifetime == .seconds(11))
        #expect(policy.idTokenLifetime == .seconds(12))
        #expect(policy.codeLifetime == .seconds(13))
        #expect(policy.refreshIdleLifetime == .seconds(14))
        #expect(policy.grantLifetime == .seconds(15))
        #expect(policy.sessionLifetime == .seconds(16))
        #expect(policy.refreshGrace == .seconds(17))
        #expect(policy.sessionIdleLifetime == .seconds(318))
    }

    @Test func everyOtherSettingReachesItsPlace() throws {
        let configuration = try GivenSettings.serve([
            "MARTLET_LOG_LEVEL": "error", "MARTLET_LOOPS": "3", "MARTLET_PASSWORD_WORKERS": "5",
            "MARTLET_TEMPLATES": "/tmp", "MARTLET_PASSWORD_HASH": "argon2id:m=47104,t=2,p=1",
        ])
        let settings = configuration.settings
        #expect(settings.logLevel == .error)
        #expect(settings.loops == 3)
        #expect(configuration.passwordWorkers == 5)
        #expect(configuration.common.passwordHash == Argon2Parameters(memory: 47104, passes: 2, lanes: 1))
        #expect(settings.templates.folder == "/tmp")
    }

    @Test(
        arguments: [("none", SessionBinding()), ("browser", .browser), ("network", .network)]
            as [(String, SessionBinding)])
    func sessionsAreBoundAsTheSettingSays(_ word: String, _ binding: SessionBinding) throws {
        #expect(try GivenSettings.serve(["MARTLET_SESSION_BINDING": word]).settings.sessionBinding == binding)
        #expect(try GivenSettings.serve([:]).settings.sessionBinding == [])
        let both = try GivenSettings.serve(["MARTLET_SESSION_BINDING": "both"]).settings.sessionBinding
        #expect(both == [.browser, .network])
    }

    @Test func limitsOnGuessingReachTheirPlaces() throws {
        let limits = try GivenSettings.serve([
            "MARTLET_SIGN_IN_FAILURES_PER_ADDRESS": "11", "MARTLET_SIGN_IN_FAILURES_PER_NETWORK": "12",
            "MARTLET_SIGN_IN_FAILURES_EVERYWHERE": "13", "MARTLET_LOCK_FAILURES": "14", "MARTLET_LOCK_TIME": "15",
            "MARTLET_ACCOUNT_FAILURES": "16", "MARTLET_LOCK_LONGEST": "17", "MARTLET_SECOND_FACTOR_FAILURES": "18",
            "MARTLET_SIGN_INS_PER_ADDRESS": "19", "MARTLET_SIGN_IN_REQUESTS_PER_ADDRESS": "20",
        ]).settings.signInLimits
        #expect((limits.perAddress, limits.perNetwork, limits.everywhere) == (11, 12, 13))
        #expect(limits.lock?.failures == 14 && limits.account?.failures == 16)
        #expect(limits.lock?.step == .seconds(15) && limits.account?.step == .seconds(15))
        #expect(limits.lock?.longest == .seconds(17) && limits.account?.longest == .seconds(17))
        #expect((limits.secondFactorFailures, limits.comparisons, limits.requests) == (18, 19, 20))
        #expect(try GivenSettings.serve([:]).settings.signInLimits == SignInLimits())
        let none = try GivenSettings.serve(["MARTLET_LOCK_FAILURES": "0", "MARTLET_ACCOUNT_FAILURES": "0"])
        #expect(none.settings.signInLimits.lock == nil && none.settings.signInLimits.account == nil)
    }

    @Test func theTimesOfWhoeverStaysSignedInReachTheirPlaces() throws {
        let standard = try GivenSettings.serve([:]).settings.remembered
        #expect(standard == Sessions.Remembered(lifetime: .seconds(2_592_000), idleLifetime: .seconds(1_209_600)))
        let set = try GivenSettings.serve([
            "MARTLET_REMEMBERED_LIFETIME": "5000", "MARTLET_REMEMBERED_IDLE_LIFETIME": "400",
        ]).settings.remembered
        #expect(set == Sessions.Remembered(lifetime: .seconds(5000), idleLifetime: .seconds(400)))
        let short = try GivenSettings.serve(["MARTLET_REMEMBERED_LIFETIME": "5000"]).settings.remembered
        #expect(short?.idleLifetime == .seconds(5000))
        #expect(try GivenSettings.serve(["MARTLET_REMEMBERED_LIFETIME": "0"]).settings.remembered == nil)
    }

    @Test func limitsOnMailsAndRequestsReachTheirPlaces() throws {
        let settings = try GivenSettings.serve([
            "MARTLET_MAILS_PER_ADDRESS": "11", "MARTLET_MAILS_PER_NETWORK": "12", "MARTLET_MAILS_PER_CODE": "13",
            "MARTLET_LOCK_MAILS": "14", "MARTLET_CODE_GUESSES": "9", "MARTLET_CHANGES_PER_ACCOUNT": "16",
            "MARTLET_PASSWORD_CHECKS_PER_ADDRESS": "17", "MARTLET_PASSKEY_OPTIONS_PER_ADDRESS": "18",
            "MARTLET_CONNECTOR_ANSWERS_PER_ADDRESS": "19", "MARTLET_CONNECTOR_ACCOUNTS_PER_ADDRESS": "20",
            "MARTLET_CAPTCHA_FAILURES": "21", "MARTLET_CAPTCHA_WAITS_PER_ADDRESS": "22",
            "MARTLET_CLIENT_FAILURES_PER_NETWORK": "23", "MARTLET_REGISTRATIONS_PER_NETWORK": "24",
            "MARTLET_REGISTRATION_CHANGES": "25", "MARTLET_LOGOS_PER_NETWORK": "26", "MARTLET_AUDIT_REFUSALS": "27",
            "MARTLET_AUDIT_REFUSALS_PER_NETWORK": "28", "MARTLET_MAIL_PAUSE": "29", "MARTLET_MAIL_LONGEST_PAUSE": "30",
            "MARTLET_MAIL_CODE_LIFETIME": "61", "MARTLET_MAIL_LINK_LIFETIME": "601",
            "MARTLET_RESET_LINK_LIFETIME": "301",
        ]).settings
        let (mails, requests) = (settings.mailRates, settings.requestRates)
        #expect((mails.perAddress, mails.perNetwork, mails.perCode) == (11, 12, 13))
        #expect((mails.lockOuts, mails.guesses, mails.changes) == (14, 9, 16))
        #expect((requests.passwordChecks, requests.passkeyOptions) == (17, 18))
        #expect((requests.connectorAnswers, requests.connectorAccounts) == (19, 20))
        #expect((requests.clientFailures, requests.registrations) == (23, 24))
        #expect((requests.registrationChanges, requests.logos) == (25, 26))
        #expect((settings.auditRates.refusals, settings.auditRates.refusalsPerNetwork) == (27, 28))
        #expect((mails.pause, mails.longestPause) == (.seconds(29), .seconds(30)))
        let lifetimes = mails.lifetimes
        #expect((lifetimes.code, lifetimes.link, lifetimes.reset) == (.seconds(61), .seconds(601), .seconds(301)))
        #expect((settings.captcha.failures, settings.captcha.waits) == (21, 22))
        let standard = try GivenSettings.serve([:]).settings
        #expect(standard.mailRates == MailRates() && standard.requestRates == RequestRates())
        #expect(standard.auditRates == AuditRates())
        #expect((standard.captcha.failures, standard.captcha.waits) == (3, 6))
    }

    @Test func fewerHashesAtATimeWhereEachFillsMoreCores() throws {
        let one = try GivenSettings.serve(["MARTLET_PASSWORD_HASH": "argon2id:m=19456,t=2,p=1"])
        #expect(try GivenSettings.serve([:]).common.passwordHash == .standard)
        #expect(try GivenSettings.serve([:]).passwordWorkers <= one.passwordWorkers)
        #expect(try GivenSettings.serve(["MARTLET_PASSWORD_HASH": "argon2id:m=19456,t=2,p=16"]).passwordWorkers >= 1)
        #expect(one.passwordWorkers == min(64, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    }

    @Test func toolsAskOnlyForWhatTheyUse() throws {
        let settings = Settings(environment: [
            ("MARTLET_MODE", "production"), ("MARTLET_DATABASE", "sqlite:///srv/martlet.db"),
        ])
        #expect(try Configuration(forTools: settings).database.location == .sqlite(path: "/srv/martlet.db"))
        let wrong = Settings(environment: [("MARTLET_LISTEN", "x"), ("MARTLET_MODE", "production")])
        let error = #expect(throws: ConfigurationError.self) { try Configuration(forTools: wrong) }
        #expect(Set(error?.problems.map(\.subject) ?? []) == ["MARTLET_LISTEN", "MARTLET_DATABASE"])
    }
}

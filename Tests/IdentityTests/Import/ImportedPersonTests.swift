import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

@Suite("People of exports")
struct ImportedPersonTests {
    private func person(
        _ text: String, _ format: ExportFormat, _ rules: ImportRules = ImportRules(),
        hashes: [String: String] = [:]
    ) throws -> ImportedPerson {
        let row = ExportRows.Row(number: 1, line: 1, offset: 0, content: .json(Array(text.utf8)))
        return try format.person(of: row, rules) { hashes[$0].map { Array($0.utf8) } }
    }

    /// Rules with connectors, one of which stands for what Auth0 calls Google.
    private static let linking: ImportRules = {
        var rules = ImportRules()
        rules.connectors = ConnectorAliases(["google", "github", "staff"].map { ConnectorID(rawValue: $0) })
        rules.connectors.map("google-oauth2", to: ConnectorID(rawValue: "google"))
        return rules
    }()

    private func identities(_ pairs: (String, String)...) -> [ImportedPerson.Identity] {
        pairs.map { ImportedPerson.Identity(connector: ConnectorID(rawValue: $0), subject: $1) }
    }

    private func refusal(
        _ text: String, _ format: ExportFormat, _ rules: ImportRules = ImportRules()
    ) -> RowRefusal.Reason? {
        do {
            _ = try person(text, format, rules)
            return nil
        } catch {
            return (error as? RowRefusal)?.reason
        }
    }

    // MARK: Keycloak

    private static let pbkdf2 = """
        {"type":"password","secretData":"{\\"value\\":\\"c5QUhhzJnj7wFB9c2d0a39fA2UDUysXCg74o4Wch4QE=\\",\
        \\"salt\\":\\"c2l4dGVlbiBieXRlIHNsdA==\\",\\"additionalParameters\\":{}}",\
        "credentialData":"{\\"hashIterations\\":1000,\\"algorithm\\":\\"pbkdf2-sha256\\",\\"additionalParameters\\":{}}"}
        """
    private static let argon2 = """
        {"type":"password","secretData":"{\\"value\\":\\"Vmu8bysmWNmwnl/cFrbFrjnljLOBOaUTfK8xThUR4Z8=\\",\
        \\"salt\\":\\"c2l4dGVlbiBieXRlIHNsdA==\\"}","credentialData":"{\\"hashIterations\\":2,\\"algorithm\\":\\"argon2\\",\
        \\"additionalParameters\\":{\\"hashLength\\":[\\"32\\"],\\"memory\\":[\\"64\\"],\\"type\\":[\\"id\\"],\
        \\"version\\":[\\"1.3\\"],\\"parallelism\\":[\\"1\\"]}}"}
        """
    private static let old = """
        {"type":"password","hashedSaltedValue":"+io2z1L80zxtuqWlbFc6d5TRoNU=","salt":"c2l4dGVlbiBieXRlIHNsdA==",\
        "hashIterations":1000,"algorithm":"pbkdf2"}
        """

    @Test(arguments: [pbkdf2, argon2, old])
    func ofKeycloakKeepTheirPassword(_ credential: String) throws {
        let ada = try person(
            """
            {"id":"0b1e","username":"ada","email":"Ada@Example.com","emailVerified":true,"enabled":true,
             "firstName":"Ada","lastName":"Lovelace","createdTimestamp":1700000000123,
             "credentials":[\(credential)],"realmRoles":["admin"],"groups":["/staff/math"],
             "federatedIdentities":[{"identityProvider":"google","userId":"117","userName":"ada"}]}
            """, .keycloak, Self.linking)
        #expect(try ada.hash?.matches(Array("correct horse".utf8)) == true)
        #expect(try ada.hash?.matches(Array("wrong horse".utf8)) == false)
        #expect(ada.source == "0b1e")
        #expect(ada.email == Email("ada@example.com"))
        #expect(ada.isEmailVerified)
        #expect(!ada.isDisabled)
        #expect(ada.name == "Ada Lovelace")
        #expect(ada.createdAt == Timestamp(microseconds: 1_700_000_000_123_000))
        #expect(ada.memberships == [.role("admin"), .group("staff/math")])
        #expect(ada.identities == [.init(connector: ConnectorID(rawValue: "google"), subject: "117")])
        #expect(ada.unknownProviders.isEmpty)
        #expect(ada.left.isEmpty)
    }

    private func otp(_ data: String) -> String {
        """
        {"email":"a@x.org","credentials":[{"type":"otp","secretData":"{\\"value\\":\\"Zk9sQ2pTb0xhYzR0YVdX\\"}",\
        "credentialData":"\(data.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\""))"}]}
        """
    }

    @Test func ofKeycloakKeepTheirAppWhereItsCodesAreOurs() throws {
        let text = otp(#"{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}"#)
        // Keycloak hashes the characters.
        #expect(try person(text, .keycloak).authenticator == Secret("Zk9sQ2pTb0xhYzR0YVdX"))
        let base32 = otp(#"{"subType":"totp","digits":6,"period":30,"algorithm":"HmacSHA1","secretEncoding":"BASE32"}"#)
        #expect(refusal(base32, .keycloak) == .unusableSecondFactor)  // no base 32
        for odd in [
            #"{"subType":"totp","digits":8,"period":30,"algorithm":"HmacSHA1"}"#,
            #"{"subType":"totp","digits":6,"period":60,"algorithm":"HmacSHA1"}"#,
            #"{"subType":"totp","digits":6,"period":30,"algorithm":"HmacSHA256"}"#,
            #"{"subType":"hotp","digits":6,"counter":3,"algorithm":"HmacSHA1"}"#,
        ] {
            #expect(refusal(otp(odd), .keycloak) == .unusableSecondFactor)
            let dropped = try person(otp(odd), .keycloak, ImportRules(unusableSecondFactors: .drop))
            #expect(dropped.authenticator == nil)
            #expect(dropped.left == ["second factor"])
        }
        let key = #"{"email":"a@x.org","credentials":[{"type":"webauthn","secretData":"{}","credentialData":"{}"}]}"#
        #expect(refusal(key, .keycloak) == .unusableSecondFactor)
    }

    @Test func ofKeycloakWithAHashThatCannotBeUsedAreRefusedOrTakenWithoutIt() throws {
        for text in [
            Self.pbkdf2.split(separator: ":1000").joined(separator: ":400000000"),
            Self.pbkdf2.split(separator: "pbkdf2-sha256").joined(separator: "my-own"),
            Self.argon2.split(separator: #"\"64\""#).joined(separator: #"\"64000000\""#),
            #"{"type":"password","secretData":"{}","credentialData":"{}"}"#,
        ] {
            let row = #"{"email":"a@x.org","credentials":[\#(text)]}"#
            #expect(refusal(row, .keycloak) == .unusableHash)
            let taken = try person(row, .keycloak, ImportRules(unusablePasswords: .drop))
            #expect(taken.hash == nil)
            #expect(taken.left == ["password"])
        }
        #expect(try person(#"{"email":"a@x.org","credentials":[\#(Self.pbkdf2)]}"#, .keycloak).hash != nil)
    }

    @Test func ofKeycloakThatAreNoneAreRefused() {
        #expect(refusal(#"{"username":"ada"}"#, .keycloak) == .noEmail)
        #expect(refusal(#"{"username":"ada","email":""}"#, .keycloak) == .noEmail)
        #expect(refusal(#"{"email":"no address"}"#, .keycloak) == .invalidEmail)
        #expect(refusal(#"{"email":7}"#, .keycloak) == .wrongType)
        #expect(refusal(#"{"email":"a@x.org","emailVerified":"true"}"#, .keycloak) == .wrongType)
        #expect(refusal(#"{"email":"a@x.org","credentials":[1]}"#, .keycloak) == .wrongType)
        #expect(
            refusal(#"{"email":"a@x.org","credentials":[{"type":"password","secretData":"{"}]}"#, .keycloak)
                == .wrongType)
        #expect(refusal(#"{"email":"a@x.org","federatedIdentities":[{}]}"#, .keycloak) == .wrongType)
        #expect(refusal(#"{"email":"a@x.org","firstName":"\u0007"}"#, .keycloak) == .invalidName)
        #expect(refusal(#"{"email":"a@x.org","serviceAccountClientId":"shop"}"#, .keycloak) == .notAPerson)
        #expect(refusal(#"{"email":"a@x.org""#, .keycloak) == .malformed)
        #expect(refusal(#"["a@x.org"]"#, .keycloak) == .malformed)
        #expect(refusal(#"{"email":"a@x.org"}"#, .keycloak) == nil)
    }

    // MARK: Auth0

    private static let bcrypt = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

    @Test func ofAuth0FindTheirHashInTheOtherExport() throws {
        let hashes = [
            "auth0|5dea": #"{"_id":{"$oid":"5dea"},"email":"a@x.org","passwordHash":"\#(Self.bcrypt)"}"#
        ]
        let text = """
            {"user_id":"auth0|5dea","email":"a@x.org","email_verified":true,"name":"a@x.org","blocked":true,
             "created_at":"2019-12-06T18:36:12.412Z","user_metadata":{"a":1},
             "app_metadata":{"roles":["admin"],"authorization":{"groups":["staff"],"roles":["editor"],"permissions":[]}},
             "identities":[{"provider":"auth0","user_id":"5dea","connection":"Users","isSocial":false},
                           {"provider":"google-oauth2","user_id":"117","connection":"google-oauth2","isSocial":true},
                           {"provider":"github","user_id":42,"connection":"github","isSocial":true},
                           {"provider":"oidc","user_id":"staff|7|a","connection":"staff","isSocial":false},
                           {"provider":"samlp","user_id":"partner|7","connection":"partner","isSocial":false}]}
            """
        let ada = try person(text, .auth0, Self.linking, hashes: hashes)
        #expect(ada.hash?.encoded == Self.bcrypt)
        #expect(ada.source == "auth0|5dea")
        #expect(ada.isEmailVerified)
        #expect(ada.isDisabled)
        // No name but the address, which clients would be told as one.
        #expect(ada.name.isEmpty)
        #expect(ada.createdAt == Timestamp(date: "2019-12-06T18:36:12.412Z"))
        #expect(ada.identities == identities(("google", "117"), ("github", "42"), ("staff", "7|a")))
        #expect(ada.unknownProviders == ["partner"])
        #expect(ada.memberships == [.role("admin"), .role("editor"), .group("staff")])
        #expect(ada.left == ["user_metadata"])
        #expect(try person(text, .auth0).hash == nil)
    }

    @Test func ofAuth0CanBeTakenFromTheExportOfHashesAlone() throws {
        let chosen = try person(
            #"{"_id":{"$oid":"5dea"},"alt_id":"euclid","email_verified":false,"passwordHash":"\#(Self.bcrypt)","identifiers":[{"type":"email","value":"a@x.org","verified":true}]}"#,
            .auth0)
        #expect(chosen.source == "auth0|euclid")
        #expect(chosen.email == Email("a@x.org"))
        #expect(chosen.isEmailVerified)
        let given = try person(#"{"_id":{"$oid":"5dea"},"email":"a@x.org","passwordHash":"\#(Self.bcrypt)"}"#, .auth0)
        #expect(given.source == "auth0|5dea")
        #expect(!given.isEmailVerified)
        #expect(given.hash?.encoded == Self.bcrypt)
    }

    @Test func ofAuth0MayHaveHashesThatWereImportedThere() throws {
        func custom(_ hash: String) -> String { #"{"email":"a@x.org","custom_password_hash":\#(hash)}"# }
        let scrypt = """
            {"algorithm":"scrypt","hash":{"value":"a66f29287332ec1333267358f8ed8af1b3a8e3375fd3949324beda3e134dd082","encoding":"hex"},
             "salt":{"value":"sixteen byte slt","encoding":"utf8"},"keylen":32,"cost":1024,"blockSize":8,"parallelization":1}
            """
        let taken = try person(custom(scrypt), .auth0).hash
        #expect(taken?.encoded.hasPrefix("$scrypt$ln=10,r=8,p=1$c2l4dGVlbiBieXRlIHNsdA$") == true)
        for other in [
            scrypt.split(separator: "1024").joined(separator: "1000"),
            scrypt.split(separator: ":32").joined(separator: ":31"),
            scrypt.split(separator: "1024").joined(separator: "1073741824"),
            #"{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"}}"#,
            #"{"algorithm":"bcrypt","hash":{"value":"\#(Self.bcrypt)"},"password":{"encoding":"utf16le"}}"#,
            #"{}"#,
        ] {
            #expect(refusal(custom(other), .auth0) == .unusableHash)
        }
        #expect(
            try person(custom(#"{"algorithm":"bcrypt","hash":{"value":"\#(Self.bcrypt)","encoding":"utf8"}}"#), .auth0)
                .hash?.encoded == Self.bcrypt)
        #expect(
            try person(
                custom(
                    #"{"algorithm":"pbkdf2","hash":{"value":"$pbkdf2-sha1$i=1000,l=20$c2l4dGVlbiBieXRlIHNsdA$+io2z1L80zxtuqWlbFc6d5TRoNU"}}"#
                ),
                .auth0
            ).hash?.matches(Array("correct horse".utf8)) == true)
    }

    @Test func ofAuth0WithASecondFactorAreNotTakenWithoutIt() throws {
        let text = #"{"email":"a@x.org","multifactor":["guardian"]}"#
        #expect(refusal(text, .auth0) == .unusableSecondFactor)
        #expect(try person(text, .auth0, ImportRules(unusableSecondFactors: .drop)).left == ["second factor"])
        #expect(refusal(#"{"email":"a@x.org","multifactor":[]}"#, .auth0) == nil)
    }

    @Test(arguments: [
        (#""app_metadata":{"roles":["admin"],"plan":"gold"}"#, ["app_metadata"], [Membership.role("admin")]),
        (#""app_metadata":{"roles":"admin"}"#, ["app_metadata"], []),
        (#""app_metadata":{"groups":["staff",7]}"#, ["app_metadata"], [.group("staff")]),
        (#""app_metadata":{"authorization":{"permissions":["read"]}}"#, ["app_metadata"], []),
        (#""app_metadata":"gold""#, ["app_metadata"], []),
        (#""app_metadata":{"roles":[],"authorization":{"groups":["staff"]}}"#, [], [.group("staff")]),
        (
            #""roles":[{"id":"rol_1","name":"admin"},"editor"],"groups":["staff"]"#, [],
            [.role("admin"), .role("editor"), .group("staff")]
        ),
    ])
    func ofAuth0HaveTheRolesThatStandWithThem(_ members: String, _ left: [String], _ found: [Membership]) throws {
        let ada = try person(#"{"email":"a@x.org",\#(members)}"#, .auth0)
        #expect(ada.left == left)
        #expect(ada.memberships == Set(found))
    }

    @Test func haveNoIdentityThatNoConnectorCouldTellOf() throws {
        func row(_ subjects: [String]) -> String {
            let identities = subjects.map { #"{"connector":"google","subject":"\#($0)"}"# }.joined(separator: ",")
            return #"{"email":"a@x.org","identities":[\#(identities)]}"#
        }
        let long = String(repeating: "s", count: 513)
        let ada = try person(row(["1", "", long, "1", String(long.dropLast())]), .lines, Self.linking)
        #expect(ada.identities == identities(("google", "1"), ("google", String(long.dropLast()))))
        #expect(ada.left == ["some identities"])
        #expect(try person(row(["1", "1"]), .lines, Self.linking).left.isEmpty)
        let many = try person(row((0..<101).map { "\($0)" }), .lines, Self.linking)
        #expect(many.identities.count == 100)
        #expect(many.left == ["some identities"])
    }

    @Test func standForNoConnectorOfALikeName() throws {
        for name in ["Google", "goog1e", "googl\u{65}\u{301}", "google "] {
            let row = #"{"email":"a@x.org","identities":[{"connector":"\#(name)","subject":"1"}]}"#
            let ada = try person(row, .lines, Self.linking)
            #expect(ada.identities.isEmpty)
            #expect(ada.unknownProviders == [name])
        }
        let row = #"{"email":"a@x.org","identities":[{"connector":"google","subject":"1"}]}"#
        #expect(try person(row, .lines, Self.linking).unknownProviders.isEmpty)
    }

    // MARK: Cognito

    private func cognito(_ cells: [String: String]) throws -> ImportedPerson {
        try ExportFormat.cognito.person(
            of: ExportRows.Row(number: 1, line: 2, offset: 0, content: .cells(cells)), ImportRules())
    }

    @Test func ofCognitoChooseANewPassword() throws {
        let ada = try cognito([
            "cognito:username": "0b1e", "email": "ada@x.org", "email_verified": "TRUE", "given_name": "Ada",
            "family_name": "Lovelace", "name": "", "cognito:mfa_enabled": "false", "custom:plan": "gold",
            "birthdate": "",
        ])
        #expect(ada.source == "0b1e")
        #expect(ada.isEmailVerified)
        #expect(ada.name == "Ada Lovelace")
        #expect(ada.hash == nil)
        #expect(ada.left == ["custom:plan"])
        #expect(throws: RowRefusal(.wrongType, "email_verified")) {
            try cognito(["email": "ada@x.org", "email_verified": "yes"])
        }
        #expect(throws: RowRefusal(.unusableSecondFactor, "mfa_enabled")) {
            try cognito(["email": "ada@x.org", "cognito:mfa_enabled": "true"])
        }
    }

    @Test func ofCognitoAreReadAsItsToolAnswers() throws {
        let federated = try person(
            #"""
            {"Username":"Google_117","Attributes":[{"Name":"sub","Value":"0b1e"},{"Name":"email","Value":"ada@x.org"},
             {"Name":"identities","Value":"[{\"userId\":\"117\",\"providerName\":\"Google\",\"providerType\":\"Google\",\"issuer\":null,\"primary\":true,\"dateCreated\":1617}]"},
             {"Name":"custom:plan","Value":"gold"}],"UserCreateDate":"2023-08-01T12:00:00.123000+02:00",
             "UserLastModifiedDate":"2023-08-01T12:00:00.123000+02:00","Enabled":true,"UserStatus":"EXTERNAL_PROVIDER",
             "Groups":[{"GroupName":"staff"},"admins"]}
            """#, .cognito, Self.mapped)
        #expect(federated.source == "0b1e")
        #expect(federated.identities == identities(("google", "117")))
        #expect(federated.createdAt == Timestamp(date: "2023-08-01T10:00:00.123Z"))
        #expect(federated.memberships == [.group("staff"), .group("admins")])
        #expect(federated.left == ["custom:plan"])
        #expect(!federated.isEmailVerified)
        // An older tool, and somebody of the pool itself.
        let native = try person(
            #"{"Username":"ada","Attributes":[{"Name":"email","Value":"ada@x.org"}],"UserCreateDate":1566487127.5,"Enabled":false,"UserStatus":"CONFIRMED"}"#,
            .cognito, Self.mapped)
        #expect(native.createdAt == Timestamp(microseconds: 1_566_487_127_500_000))
        #expect(native.isDisabled)
        #expect(native.left.isEmpty)
        for (status, isDisabled) in [("ARCHIVED", true), ("COMPROMISED", true), ("FORCE_CHANGE_PASSWORD", false)] {
            let row = #"{"Username":"a","Attributes":[{"Name":"email","Value":"a@x.org"}],"UserStatus":"\#(status)"}"#
            #expect(try person(row, .cognito).isDisabled == isDisabled)
        }
        let bare =
            #"{"Username":"a","Attributes":[{"Name":"email","Value":"a@x.org"}],"UserStatus":"EXTERNAL_PROVIDER"}"#
        #expect(try person(bare, .cognito).left == ["identities"])
        let mfa = #"{"Attributes":[{"Name":"email","Value":"a@x.org"}],"UserMFASettingList":["SOFTWARE_TOKEN_MFA"]}"#
        #expect(refusal(mfa, .cognito) == .unusableSecondFactor)
        let twice = #"{"Attributes":[{"Name":"email","Value":"a@x.org"},{"Name":"email","Value":"b@x.org"}]}"#
        #expect(refusal(twice, .cognito) == .malformed)
    }

    @Test func ofCognitoHaveGroupsAndIdentitiesInATableToo() throws {
        func taken(_ name: String, _ text: String) throws -> ImportedPerson {
            try ExportFormat.cognito.person(
                of: ExportRows.Row(
                    number: 1, line: 2, offset: 0, content: .cells(["email": "ada@x.org", name: text])), Self.mapped)
        }
        #expect(try taken("cognito:groups", #"["staff","a, b"]"#).memberships == [.group("staff"), .group("a, b")])
        #expect(try taken("cognito:groups", "staff, admins").memberships == [.group("staff"), .group("admins")])
        #expect(
            try taken("identities", #"[{"userId":"117","providerName":"Google"}]"#).identities
                == identities(("google", "117")))
        #expect(try taken("identities", #"[{"userId":"1","providerName":"Corp"}]"#).unknownProviders == ["Corp"])
        for (name, text) in [
            ("cognito:groups", "[1]"), ("cognito:groups", "[\"a\""), ("identities", "117"), ("identities", "[{}]"),
        ] {
            #expect(throws: RowRefusal(.wrongType, name)) { try taken(name, text) }
        }
    }

    @Test func areFoundInListsOfMembers() throws {
        let row = #"{"user_id":"auth0|1","email":"a@x.org","app_metadata":{"roles":["admin"]}}"#
        let lists: [String: Set<Membership>] = ["auth0|1": [.role("editor"), .role("admin")], "auth0|2": [.role("x")]]
        let ada = try ExportFormat.auth0.person(
            of: ExportRows.Row(number: 1, line: 1, offset: 0, content: .json(Array(row.utf8))), ImportRules(),
            lists: { lists[$0] ?? [] })
        #expect(ada.memberships == [.role("admin"), .role("editor")])
        func names(_ text: String, _ format: ExportFormat) -> [String] {
            format.names(in: ExportRows.Row(number: 1, line: 1, offset: 0, content: .json(Array(text.utf8))))
        }
        #expect(names(row, .auth0) == ["auth0|1"])
        let user = #"{"Username":"ada","Attributes":[{"Name":"sub","Value":"0b1e"}]}"#
        #expect(names(user, .cognito) == ["sub 0b1e", "user name ada"])
        #expect(names(#"{"id":"0b1e","username":"ada"}"#, .keycloak) == ["0b1e"])
        #expect(names(#"{"email":"a@x.org"}"#, .lines) == ["a@x.org"])
        #expect(names(#"{"name":"staff"}"#, .auth0).isEmpty)
        #expect(names("staff", .auth0).isEmpty)
    }

    private static let mapped: ImportRules = {
        var rules = linking
        rules.connectors.map("Google", to: ConnectorID(rawValue: "google"))
        return rules
    }()

    // MARK: Our own

    @Test func ofOurOwnFormatHaveEverything() throws {
        let ada = try person(
            """
            {"id":"7","email":"ada@x.org","email_verified":true,"name":"Ada","password_hash":"\(Self.bcrypt)",
             "disabled":true,"created_at":"2020-01-31","totp":{"secret":"GEZD GNBV GY3T QOJQ GEZDGNBVGY3TQOJQ","digits":6},
             "groups":["staff"],"roles":["admin"],"identities":[{"connector":"google","subject":"117"}],
             "profile":{"nickname":"a"}}
            """, .lines, Self.linking)
        #expect(ada.authenticator == Secret("12345678901234567890"))
        #expect(ada.hash?.encoded == Self.bcrypt)
        #expect(ada.isDisabled)
        #expect(ada.memberships == [.group("staff"), .role("admin")])
        #expect(ada.identities == identities(("google", "117")))
        #expect(ada.left == ["profile"])
        #expect(try person(#"{"email":"a@x.org"}"#, .lines).source == "a@x.org")
        #expect(refusal(#"{"email":"a@x.org","pasword_hash":"x"}"#, .lines) == .unknownMember)
        #expect(
            refusal(#"{"email":"a@x.org","totp":{"secret":"GEZDGNBVGY3TQOJQ","length":6}}"#, .lines) == .unknownMember)
        #expect(refusal(#"{"email":"a@x.org","totp":{"secret":"01"}}"#, .lines) == .unusableSecondFactor)
        #expect(refusal(#"{"email":"a@x.org","created_at":"yesterday"}"#, .lines) == .wrongType)
        #expect(refusal(#"{"email":"a@x.org","password_hash":"secret"}"#, .lines) == .unusableHash)
        #expect(refusal(#"{"email":"a@x.org","email":"b@x.org"}"#, .lines) == .malformed)
    }
}

import DirectoryTesting
import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Synchronization
import Testing

@testable import Directory

@Suite("A directory that compares passwords", .spec("RFC 4511", "RFC 4513 §5.1"))
struct DirectoryTests {
    private static let guid: [UInt8] = [
        0x78, 0x56, 0x34, 0x12, 0xCD, 0xAB, 0x01, 0xEF, 0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
    ]

    private static func entries() -> [ScriptedDirectory.Entry] {
        var ada = ScriptedDirectory.Entry(
            "cn=Ada,ou=people,dc=x",
            [
                "mail": "Ada@x.org", "userPrincipalName": "ada@corp.x.org", "displayName": "Ada Lovelace",
                "objectClass": "person", "uid": "ada",
            ], password: "correct horse")
        ada.values["objectGUID"] = [guid]
        ada.values["memberOf"] = [Array("CN=Staff\\, all,ou=groups,dc=x".utf8), Array("cn=Math,ou=groups,dc=x".utf8)]
        var off = ScriptedDirectory.Entry(
            "cn=Off,ou=people,dc=x", ["mail": "off@x.org", "entryUUID": "e-off", "userAccountControl": "514"],
            password: "correct horse")
        off.values["objectClass"] = [Array("person".utf8)]
        return [
            ScriptedDirectory.Entry("cn=search,dc=x", [:], password: "service"), ada, off,
            ScriptedDirectory.Entry(
                "cn=One,ou=people,dc=x", ["mail": "twin@x.org", "entryUUID": "1"], password: "correct horse"),
            ScriptedDirectory.Entry(
                "cn=Two,ou=people,dc=x", ["mail": "twin@x.org", "entryUUID": "2"], password: "correct horse"),
            ScriptedDirectory.Entry("cn=Bare,ou=people,dc=x", ["mail": "bare@x.org"], password: "correct horse"),
            ScriptedDirectory.Entry(
                "cn=Elsewhere,ou=people,dc=x",
                ["mail": "me@elsewhere.org", "userPrincipalName": "me@x.org", "entryUUID": "e-me"],
                password: "correct horse"),
            ScriptedDirectory.Entry(
                "cn=Research,ou=groups,dc=x", ["cn": "Research", "member": "cn=Ada,ou=people,dc=x"]),
        ]
    }

    private static let settings = """
        {"hosts":["dc.x.org"],"domains":["x.org","corp.x.org"],"base":"ou=people,dc=x","bind_dn":"cn=search,dc=x",
         "groups":"memberOf"}
        """

    private func withDirectory<Result: Sendable>(
        _ settings: String = settings, secret: String = "service", clock: TestClock = TestClock(),
        _ body: (Directory, ScriptedDirectory) async throws -> Result
    ) async throws -> Result {
        let scripted = ScriptedDirectory(Self.entries())
        let directory = try Directory(
            DirectorySettings(JSONObject(parsing: Array(settings.utf8))), secret: Secret(secret), transport: scripted,
            clock: clock, random: SeededRandom(), pause: { _ in try await Gate().wait() })
        do {
            let result = try await body(directory, scripted)
            await directory.stop()
            return result
        } catch {
            await directory.stop()
            throw error
        }
    }

    private func ask(_ directory: Directory, _ email: String, _ password: String) async throws -> DirectoryVerdict {
        try await directory.prove(try #require(Email(email)), password: Array(password.utf8))
    }

    @Test(arguments: ["ada@x.org", "ADA@X.ORG", "ada@corp.x.org"])
    func provesAPersonByAnyOfTheirAddresses(_ email: String) async throws {
        try await withDirectory { (directory, _) async throws in
            #expect(
                try await ask(directory, email, "correct horse")
                    == .proven(
                        DirectoryPerson(
                            subject: "12345678-abcd-ef01-8001-020304050607", email: Email("ada@x.org")!,
                            name: "Ada Lovelace", groups: ["CN=Staff\\, all,ou=groups,dc=x", "cn=Math,ou=groups,dc=x"]))
            )
            #expect(try await ask(directory, email, "wrong") == .refused(.wrongPassword))
        }
    }

    @Test(arguments: ["", "\u{0}", "\u{0}correct horse", "correct horse\u{0}"])
    func proofsWithoutAPasswordAreNone(_ password: String) async throws {
        try await withDirectory { (directory, scripted) async throws in
            scripted.state.withLock { $0.isCareless = true }
            #expect(try await ask(directory, "ada@x.org", password) == .refused(.wrongPassword))
            // It was not even asked.
            #expect(scripted.questions.isEmpty)
            #expect(try await ask(directory, "ada@x.org", "correct horse") != .refused(.wrongPassword))
        }
    }

    @Test(arguments: [
        ("nobody@x.org", DirectoryVerdict.Reason.unknown), ("twin@x.org", .ambiguous), ("off@x.org", .disabled),
        ("bare@x.org", .noIdentifier), ("ada@y.org", .otherDomain), ("ada@sub.x.org", .otherDomain),
    ])
    func refusesWhomItDoesNotKnowAsOne(_ email: String, _ reason: DirectoryVerdict.Reason) async throws {
        try await withDirectory { (directory, _) async throws in
            #expect(try await ask(directory, email, "correct horse") == .refused(reason))
        }
    }

    @Test func anAddressOfAnotherDomainIsNotTakenOver() async throws {
        try await withDirectory { (directory, _) async throws in
            guard case .proven(let person) = try await ask(directory, "me@x.org", "correct horse") else {
                Issue.record("not proven")
                return
            }
            #expect(person.email == Email("me@x.org"))
        }
    }

    @Test(arguments: ["nobody@x.org", "twin@x.org", "off@x.org", "ada@x.org"])
    func asksTheSameQuestionsForEverybody(_ email: String) async throws {
        let settings = Self.settings.split(separator: #""memberOf""#).joined(
            separator: #"{"base":"ou=groups,dc=x","nested":true}"#)
        try await withDirectory(settings) { (directory, scripted) async throws in
            _ = try await ask(directory, email, "wrong")
            let kinds = scripted.questions.map { question in
                switch question {
                case .connect: "connect"
                case .bind: "bind"
                case .search(let base, _): "search " + base
                }
            }
            #expect(
                kinds == ["connect", "bind", "search ou=people,dc=x", "search ou=groups,dc=x", "bind"])
        }
    }

    @Test func groupsMayBeSearchedFor() async throws {
        let settings = Self.settings.split(separator: #""memberOf""#).joined(
            separator: #"{"base":"ou=groups,dc=x","nested":true}"#)
        try await withDirectory(settings) { (directory, scripted) async throws in
            guard case .proven(let person) = try await ask(directory, "ada@x.org", "correct horse") else {
                Issue.record("not proven")
                return
            }
            #expect(person.groups == ["cn=Research,ou=groups,dc=x"])
            #expect(
                directory.settings.groups(named: person.groups, of: ConnectorID(rawValue: "corp")) == ["corp:Research"])
            #expect(
                scripted.questions.contains(
                    .search(
                        base: "ou=groups,dc=x",
                        filter: "(member:1.2.840.113556.1.4.1941:=cn=Ada,ou=people,dc=x)")))
        }
    }

    @Test func peopleMayProveThemselvesByAPatternOfNames() async throws {
        let settings = """
            {"hosts":["dc.x.org"],"domains":["x.org"],"base":"ou=people,dc=x","user_dn":"cn={user},ou=people,dc=x",
             "require":{"objectClass":"person"}}
            """
        try await withDirectory(settings) { (directory, scripted) async throws in
            scripted.state.withLock { $0.entries[1].name = "cn=ada,ou=people,dc=x" }
            guard case .proven(let person) = try await ask(directory, "ada@x.org", "correct horse") else {
                Issue.record("not proven")
                return
            }
            #expect(person.name == "Ada Lovelace")
            // What is typed stays one value of one part of the name.
            let odd = "ada\\,ou=admins#+@x.org"
            if let email = Email(odd) {
                _ = try await directory.prove(email, password: Array("correct horse".utf8))
            }
            #expect(try await ask(directory, "ada+=@x.org", "correct horse") == .refused(.wrongPassword))
            #expect(scripted.questions.contains(.bind("cn=ada\\2b\\3d,ou=people,dc=x")))
        }
    }

    @Test func aWrongServiceAccountIsTheOperatorsMatter() async throws {
        for (secret, fault) in [("wrong", DirectoryFault.refused(.wrongAccount)), ("", .refused(.noSecret))] {
            try await withDirectory(secret: secret) { (directory, _) async throws in
                await #expect(throws: fault) {
                    try await ask(directory, "ada@x.org", "correct horse")
                }
                #expect(await directory.check().last == DirectoryCheck(part: .account, outcome: .failed(fault)))
            }
        }
    }

    @Test func oneThatDoesNotAnswerIsLeftAloneForAWhile() async throws {
        let clock = TestClock()
        try await withDirectory(clock: clock) { (directory, scripted) async throws in
            let fault = DirectoryFault.unavailable(.unreachable)
            scripted.fail(fault)
            for _ in 0..<DirectoryRest.tolerance {
                await #expect(throws: fault) { try await ask(directory, "ada@x.org", "correct horse") }
            }
            let asked = scripted.questions.count
            #expect(directory.isResting)
            scripted.fail(nil)
            await #expect(throws: DirectoryFault.self) { try await ask(directory, "ada@x.org", "correct horse") }
            #expect(scripted.questions.count == asked)
            clock.advance(by: DirectoryRest.pause)
            #expect(try await ask(directory, "ada@x.org", "correct horse") != .refused(.wrongPassword))
            #expect(!directory.isResting)
            // What it says is an answer, whatever it is.
            scripted.fail(.refused(.otherwise))
            for _ in 0...DirectoryRest.tolerance {
                await #expect(throws: DirectoryFault.refused(.otherwise)) { try await ask(directory, "ada@x.org", "x") }
            }
            #expect(!directory.isResting)
        }
    }

    @Test func aPasswordThatRanOutThereIsNoProof() async throws {
        try await withDirectory { (directory, scripted) async throws in
            scripted.state.withLock { $0.entries[1].isOutdated = true }
            #expect(try await ask(directory, "ada@x.org", "correct horse") == .refused(.outdatedPassword))
            #expect(try await ask(directory, "ada@x.org", "wrong") == .refused(.wrongPassword))
        }
    }

    @Test func whoGivesUpWaitsNoLongerAndBlamesNobody() async throws {
        let clock = TestClock()
        let scripted = ScriptedDirectory(Self.entries())
        let (asked, release) = (Gate(), Semaphore())
        scripted.state.withLock {
            $0.onConnect = {
                asked.open()
                release.wait()
            }
        }
        let directory = try Directory(
            DirectorySettings(JSONObject(parsing: Array(Self.settings.utf8))), secret: Secret("service"),
            transport: scripted, clock: clock, random: SeededRandom(), pause: { _ in try await Gate().wait() })
        for _ in 0...DirectoryRest.tolerance {
            let waiting = Task { try await ask(directory, "ada@x.org", "correct horse") }
            try await asked.wait()
            waiting.cancel()
            await #expect(throws: DirectoryFault.unavailable(.timedOut)) { try await waiting.value }
        }
        #expect(!directory.isResting)
        for _ in 0...DirectoryRest.tolerance { release.signal() }
        await directory.stop()
    }

    @Test func theChecksSayWhatIsWrong() async throws {
        func checks(
            _ members: String, _ prepare: (ScriptedDirectory) -> Void = { _ in }
        ) async throws -> [String] {
            try await withDirectory(String(Self.settings.dropLast()) + members + "}") {
                (directory, scripted) async throws in
                prepare(scripted)
                return await directory.check().filter(\.isBroken).map { "\($0.part.rawValue): \($0.remedy ?? "")" }
            }
        }
        #expect(try await checks("") == [])
        #expect(try await checks("") { $0.fail(.unavailable(.unreachable)) }.first?.hasPrefix("connection:") == true)
        #expect(try await checks(#","login":"nothing""#).first?.hasPrefix("people: Nobody") == true)
        #expect(try await checks(#","identifier":"nothing""#).first?.hasPrefix("identifier: Set") == true)
        #expect(try await checks(#","email":"uid""#).first?.hasPrefix("address: Set") == true)
        for reason in DirectoryFault.Reason.allCases {
            #expect(DirectoryFault.refused(reason).remedy.hasSuffix("."))
        }
    }
}

import Testing

@testable import Martlet

@Suite("Configuration file")
struct SettingsFileTests {
    private func parse(_ text: String) -> (lines: [String: String], problems: [ConfigurationProblem]) {
        var problems: [ConfigurationProblem] = []
        let lines = SettingsFile.parse(Array(text.utf8), path: "martlet.conf", problems: &problems)
        return (Dictionary(uniqueKeysWithValues: lines.map { ($0.name, $0.value) }), problems)
    }

    @Test(arguments: [
        ("A=b", "b"),
        ("  A = b c  ", "b c"),
        ("A=b # comment", "b"),
        ("A=b#c", "b#c"),
        ("A=", ""),
        ("A=# comment", ""),
        ("A=b=c", "b=c"),
        ("A='b \"c\" # d' # comment", "b \"c\" # d"),
        ("A='b\\'", "b\\"),
        ("A=\"b \\\"c\\\" \\\\ # d\"", "b \"c\" \\ # d"),
        ("A=\"\"", ""),
        ("A='é 🐦'", "é 🐦"),
        ("# comment\r\n\r\nA=b\r\n", "b"),
        ("\tA\t=\tb\t", "b"),
        ("A=b'c", "b'c"),
    ])
    func valuesAreRead(_ text: String, _ value: String) {
        let (lines, problems) = parse(text)
        #expect(lines == ["A": value])
        #expect(problems.isEmpty)
    }

    @Test(arguments: [
        "A='b", "A=\"b", "A=\"b\\", "A='b'c", "A=\"b\" c", "A=\"\\n\"", "A='b'#c",
    ])
    func quotesMustBeWellFormed(_ text: String) {
        let (lines, problems) = parse("B=1\n" + text + "\nC=2")
        #expect(lines == ["B": "1", "C": "2"])
        #expect(problems.map(\.subject) == ["martlet.conf, line 2,"])
    }

    @Test func linesWithoutEqualsAndRepeatedNamesAreReported() {
        let (lines, problems) = parse("A=1\nexport\nA=2\nB=3")
        #expect(lines == ["A": "1", "B": "3"])
        #expect(problems.map(\.subject) == ["martlet.conf, line 2,", "martlet.conf, line 3,"])
        #expect(problems[1].remedy == "Remove this line or line 1.")
    }

    @Test func bytesThatAreNoTextAreReported() {
        var problems: [ConfigurationProblem] = []
        #expect(SettingsFile.parse([0x41, 0x3d, 0xff], path: "f", problems: &problems).isEmpty)
        #expect(problems.map(\.subject) == ["f"])
        problems = []
        #expect(SettingsFile.parse([0x41, 0x3d, 0x62], path: "f", problems: &problems).count == 1)
        #expect(problems.isEmpty)
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("martlet.conf", "MARTLET_LOOPS=2\nMARTLET_LOG_LEVEL='debug'\n")
        let settings = Settings(environment: [("MARTLET_CONFIG", path), ("MARTLET_LOOPS", "3")])
        #expect(settings.problems.isEmpty)
        #expect(settings.values[.loops] == "3")
        #expect(settings.values[.logLevel] == "debug")
    }

    @Test func whatTheFileMayNotSayIsReportedWithItsLine() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file(
            "martlet.conf",
            "# comment\nMARTLET_ISUER=https://a.example\nMARTLET_CONFIG=other\nPATH=/bin\nMARTLET_LOOPS=''\n"
        )
        let settings = Settings(environment: [("MARTLET_CONFIG", path)])
        #expect(
            settings.problems.map(\.subject) == [
                "\(path), line 2,", "\(path), line 3,", "\(path), line 4,", "MARTLET_LOOPS",
            ]
        )
        #expect(settings.problems[0].remedy == "Did you mean MARTLET_ISSUER?")
    }

    @Test func aFileThatIsTooLongIsNotRead() throws {
        let folder = try TemporaryFolder()
        let line = "MARTLET_LOOPS=2\n"
        let path = try folder.file(
            "martlet.conf", line + String(repeating: "#", count: SettingsFile.limit - line.count))
        #expect(Settings(environment: [("MARTLET_CONFIG", path)]).problems.isEmpty)
        try folder.file("martlet.conf", line + String(repeating: "#", count: SettingsFile.limit))
        #expect(Settings(environment: [("MARTLET_CONFIG", path)]).problems.map(\.subject) == ["MARTLET_CONFIG"])
    }
}

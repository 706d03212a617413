import Testing

@testable import Martlet

@Suite("Where the words and filters of passwords are looked for")
struct PasswordFileSearchTests {
    @Test func besideTheTemplatesAndTheProgram() {
        #expect(
            PasswordFileSearch.candidates(executable: "/usr/local/bin/martlet", templates: "/etc/martlet/templates/")
                == [
                    "/etc/martlet/deploy/passwords", "/etc/martlet/passwords", "./deploy/passwords", "./passwords",
                    "/usr/local/share/martlet/deploy/passwords", "/usr/local/share/martlet/passwords",
                ]
        )
    }

    @Test func whatIsNotFoundOrBrokenStartsNothing() throws {
        let folder = try TemporaryFolder()
        var settings = PasswordSettings()
        settings.folder = folder.root
        #expect(throws: CommandFailure.self) { try PasswordFileSearch.judge(settings, templates: nil, issuer: nil) }
        try folder.file("words.txt", "abc\t1\tp\n")
        #expect(throws: CommandFailure.self) { try PasswordFileSearch.judge(settings, templates: nil, issuer: nil) }
        try folder.file("common.filter", "MRTLTPWF")
        #expect(throws: CommandFailure.self) { try PasswordFileSearch.judge(settings, templates: nil, issuer: nil) }
        settings.filter = .none
        _ = try PasswordFileSearch.judge(settings, templates: nil, issuer: nil)
        try folder.file("words.txt", "abc\n")
        #expect(throws: CommandFailure.self) { try PasswordFileSearch.judge(settings, templates: nil, issuer: nil) }
    }
}

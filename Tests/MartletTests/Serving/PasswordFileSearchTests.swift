import Identity
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

    // The length alone would refuse most of them, so for an account with a second factor.
    @Test(arguments: ["qwertyuiop", "password1", "iloveyou2"])
    func withoutAnySettingTheFilterThatComesAlongCounts(_ password: String) throws {
        let place = "Tests/MartletTests/Serving/PasswordFileSearchTests.swift"
        let templates = String(#filePath.dropLast(place.utf8.count)) + "templates"
        let settings = try GivenSettings.serve([:]).settings.passwords
        let owner = PasswordOwner(name: "", email: "", factors: .withSecondFactor)
        let judge = try PasswordFileSearch.judge(settings, templates: templates, issuer: nil)
        #expect(judge.judge(password, of: owner).refusal == .breached)
        let none = try GivenSettings.serve(["MARTLET_PASSWORD_FILTER": "none"]).settings.passwords
        let other = try PasswordFileSearch.judge(none, templates: templates, issuer: nil)
        #expect(other.judge(password, of: owner).refusal == .tooWeak)
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

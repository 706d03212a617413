import Foundation
import JOSE
import MartletTesting
import Testing

@testable import Martlet

@Suite("Where the master key comes from", .spec("X-05"))
struct MasterKeySourceTests {
    private static let one = "0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccddeeff00112233445566778899"
    private static let two = "1f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccddeeff00112233445566778899"

    private func variables(in folder: TemporaryFolder, _ more: [String: String]) throws -> [String: String] {
        var variables = try GivenSettings.production(in: folder)
        variables["MARTLET_MASTER_KEY_FILE"] = nil
        return variables.merging(more) { $1 }
    }

    private func id(_ text: String) throws -> MasterKey.ID { try MasterKey(fileContents: Array(text.utf8)).id }

    @Test func theEnvironmentHoldsOneOrSeveral() throws {
        let folder = try TemporaryFolder()
        let configuration = try GivenSettings.serve(variables(in: folder, ["MARTLET_MASTER_KEY": Self.one]))
        #expect(try configuration.masterKey?.id == id(Self.one))
        let both = try GivenSettings.serve(
            variables(in: folder, ["MARTLET_MASTER_KEY": Self.two + "," + Self.one]))
        #expect(try both.masterKey?.all.map(\.id) == [id(Self.two), id(Self.one)])
    }

    @Test(arguments: ["secret", Self.one + ",secret", Self.one + "," + Self.one])
    func anUnfitKeyOfTheEnvironmentIsRefusedAndNotShown(_ value: String) throws {
        let folder = try TemporaryFolder()
        let problems = GivenSettings.problems(try variables(in: folder, ["MARTLET_MASTER_KEY": value]))
        #expect(problems.map(\.subject) == ["MARTLET_MASTER_KEY"])
        #expect(!"\(problems)".contains("secret") && !"\(problems)".contains(Self.one))
    }

    @Test func twoPlacesAreRefused() throws {
        let folder = try TemporaryFolder()
        var variables = try GivenSettings.production(in: folder)
        #expect(GivenSettings.problems(variables).isEmpty)
        variables["MARTLET_MASTER_KEY"] = Self.one
        #expect(GivenSettings.problems(variables).map(\.subject) == ["MARTLET_MASTER_KEY"])
    }

    @Test func aFileOfSettingsIsNoPlaceForIt() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("martlet.conf", "MARTLET_MASTER_KEY=\(Self.one)\n")
        let given = try variables(in: folder, ["MARTLET_CONFIG": path])
        let problems = GivenSettings.problems(given)
        #expect(problems.contains { $0.complaint.contains("master key") && $0.subject.contains("line 1") })
        #expect(!"\(problems)".contains(Self.one))
    }

    @Test func aCredentialOfTheServiceManagerIsFound() throws {
        let folder = try TemporaryFolder()
        let given = try variables(in: folder, ["CREDENTIALS_DIRECTORY": folder.root])
        #expect(GivenSettings.problems(given).map(\.subject) == ["MARTLET_MASTER_KEY_FILE"])
        // As systemd makes it where the service has a user of its own: the access list shows as rights of the group.
        let path = try folder.file("martlet.master-key", Self.one, mode: 0o440)
        #expect(try GivenSettings.serve(given).masterKey?.id == id(Self.one))
        chmod(path, 0o444)
        #expect(GivenSettings.problems(given).map(\.complaint).allSatisfy { $0.contains("444") })
        #expect(GivenSettings.problems(given).count == 1)
        // What is named comes first.
        let named = try GivenSettings.production(in: folder).merging(["CREDENTIALS_DIRECTORY": folder.root]) { $1 }
        #expect(try GivenSettings.serve(named).common.masterKey.description == folder.path("master.key"))
    }

    @Test func neitherSettingsNorTheirReaderPrintIt() throws {
        let settings = Settings(environment: [("MARTLET_MASTER_KEY", Self.one)])
        #expect(settings.masterKey?.count == 64)
        #expect(!"\(settings)".contains(Self.one) && settings.values.isEmpty)
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains(Self.one))
    }
}

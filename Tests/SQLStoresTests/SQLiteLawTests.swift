import MartletTesting
import SQLStores
import Stores
import Testing

@Suite("Stores in SQLite obey the laws")
struct SQLiteLawTests {
    @Test(arguments: ClientStoreLaw.allCases)
    func clients(_ law: ClientStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: UserStoreLaw.allCases)
    func users(_ law: UserStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: SessionStoreLaw.allCases)
    func sessions(_ law: SessionStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: InteractionStoreLaw.allCases)
    func interactions(_ law: InteractionStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: AuthorizationCodeStoreLaw.allCases)
    func codes(_ law: AuthorizationCodeStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: GrantStoreLaw.allCases)
    func grants(_ law: GrantStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: ConsentStoreLaw.allCases)
    func consents(_ law: ConsentStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: SigningKeyStoreLaw.allCases)
    func keys(_ law: SigningKeyStoreLaw) async throws { try await check(law.check) }

    @Test(arguments: VersionStoreLaw.allCases)
    func versions(_ law: VersionStoreLaw) async throws { try await check(law.check) }

    private func check(_ law: (Storage) async throws -> Void) async throws {
        try await withSQLite { storage, _ in try await law(storage.stores) }
    }
}

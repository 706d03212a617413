import MartletTesting
import Stores
import Testing

@Suite("Stores in memory obey the laws")
struct MemoryStorageTests {
    @Test(arguments: ClientStoreLaw.allCases)
    func clients(_ law: ClientStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: UserStoreLaw.allCases)
    func users(_ law: UserStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: SessionStoreLaw.allCases)
    func sessions(_ law: SessionStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: InteractionStoreLaw.allCases)
    func interactions(_ law: InteractionStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: AuthorizationCodeStoreLaw.allCases)
    func codes(_ law: AuthorizationCodeStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: GrantStoreLaw.allCases)
    func grants(_ law: GrantStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: ConsentStoreLaw.allCases)
    func consents(_ law: ConsentStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: SigningKeyStoreLaw.allCases)
    func keys(_ law: SigningKeyStoreLaw) async throws { try await law.check(.inMemory()) }

    @Test(arguments: VersionStoreLaw.allCases)
    func versions(_ law: VersionStoreLaw) async throws { try await law.check(.inMemory()) }
}

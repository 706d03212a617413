import MartletTesting
import Stores
import Testing

@Suite("Stores in memory obey the laws")
struct MemoryStorageTests {
    @Test(arguments: StoreLaw.all)
    func obeys(_ law: StoreLaw) async throws { try await law.check(.inMemory()) }
}

import MartletTesting
import SQLStores
import Stores
import Testing

@Suite("Stores in SQLite obey the laws")
struct SQLiteLawTests {
    @Test(arguments: StoreLaw.all)
    func obeys(_ law: StoreLaw) async throws {
        try await withSQLite { storage, _ in try await law.check(storage.stores) }
    }
}

import MartletTesting
import SQLStores
import Stores
import Testing

@Suite("Stores in PostgreSQL obey the laws", .postgreSQL)
struct PostgreSQLLawTests {
    @Test(arguments: StoreLaw.all)
    func obeys(_ law: StoreLaw) async throws {
        try await withPostgreSQL { storage, _ in try await law.check(storage.stores) }
    }
}

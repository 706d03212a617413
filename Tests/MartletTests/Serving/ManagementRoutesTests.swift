import Glibc
import HTTP
import Observability
import Stores
import Testing

@testable import Martlet

@Suite("The listener for operators")
struct ManagementRoutesTests {
    private struct FailingVersions: VersionStore {
        func current() async throws -> Int64 { throw StorageError.busy }
    }

    private func statuses(_ versions: any VersionStore, _ takeover: Takeover) async -> [UInt16] {
        let router = Router(ManagementRoutes(versions, takeover).routes)
        var statuses: [UInt16] = []
        for path in ["/health", "/ready"] {
            statuses.append(await router.respond(to: Request(.get, path)).status.rawValue)
        }
        return statuses
    }

    @Test func readyIsWhoeverServesAndHasAStoreThatAnswers() async {
        let (takeover, versions) = (Takeover(), Storage.inMemory().versions)
        #expect(await statuses(versions, takeover) == [200, 503])
        let log = Log(level: .error, descriptor: open("/dev/null", O_WRONLY))
        takeover.announceReady(log)
        #expect(await statuses(versions, takeover) == [200, 200])
        // A store that fails is no reason to start the process again, but one to send requests elsewhere.
        #expect(await statuses(FailingVersions(), takeover) == [200, 503])
        log.close()
    }
}

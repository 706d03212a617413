import DirectoryTesting
import Identity
import JOSE
import MartletTesting
import OAuthTypes
import Reactor
import Stores
import Synchronization
import Testing

@testable import Directory

@Suite("Directories come and go with their connectors")
struct DirectoryAccountsTests {
    private static let password = "correct horse"

    /// Connectors in a store, and the people of their directories.
    private struct Scene {
        let storage: Storage
        let scripted: ScriptedDirectory
        let accounts: DirectoryAccounts

        init() {
            let storage = Storage.inMemory()
            let scripted = ScriptedDirectory([
                ScriptedDirectory.Entry(
                    "cn=Ada,dc=x", ["mail": "ada@x.org", "entryUUID": "1"], password: DirectoryAccountsTests.password)
            ])
            self.storage = storage
            self.scripted = scripted
            accounts = DirectoryAccounts(
                DirectoryAccounts.Parts(
                    connectors: { try await storage.connectors.list().filter(\.isEnabled) },
                    store: storage.connectors, links: storage.links, makesAccounts: true, secret: { _ in nil },
                    clock: TestClock(), random: SeededRandom(), pause: { _ in try await Gate().wait() },
                    report: { _, _ in }, transport: { _ in scripted }))
        }

        func prove() async throws -> ProvenIdentity? {
            try await accounts.prove(
                try #require(Email("ada@x.org")), password: try #require(Password(DirectoryAccountsTests.password)))
        }
    }

    private static func connector(_ id: String = "corp", timeout: Int = 5) -> Connector {
        Connector(
            id: ConnectorID(rawValue: id), kind: .ldap, preset: nil, name: "Corp",
            settings: #"{"hosts":["dc.x.org"],"domains":["x.org"],"base":"dc=x","timeout":\#(timeout)}"#,
            sealedSecret: nil, position: 0, createdAt: .noon, updatedAt: .noon, disabledAt: nil)
    }

    enum Change: CaseIterable {
        case removed, disabled, changed
    }

    @Test(.timeLimit(.minutes(10)), arguments: Change.allCases)
    func threadsEndWithTheLastQuestion(_ change: Change) async throws {
        let scene = Scene()
        let store = scene.storage.connectors
        #expect(try await store.insert(Self.connector()))
        #expect(try await scene.prove() != nil)
        let pool = try #require(await scene.accounts.running.first).pool
        // Somebody asks while it is changed.
        let (asked, release) = (Gate(), Semaphore())
        scene.scripted.state.withLock {
            $0.onConnect = {
                asked.open()
                release.wait()
            }
        }
        let waiting = Task { try await scene.prove() }
        try await asked.wait()
        scene.scripted.state.withLock { $0.onConnect = nil }
        switch change {
        case .removed: #expect(try await store.remove(Self.connector().id))
        case .disabled:
            var connector = Self.connector()
            connector.disabledAt = .noon
            #expect(try await store.replace(connector))
        case .changed: #expect(try await store.replace(Self.connector(timeout: 6)))
        }
        await scene.accounts.connectorsChanged()
        #expect(await scene.accounts.running.isEmpty)
        // Nobody else waits for that, and the one who asked is answered.
        #expect(try await (scene.prove() != nil) == (change == .changed))
        release.signal()
        #expect(try await waiting.value != nil)
        await pool.ended()
        #expect(await scene.accounts.running.count == (change == .changed ? 1 : 0))
        await scene.accounts.stop()
    }

    @Test func aDirectoryThatIsStillWhatItWasGoesOn() async throws {
        let scene = Scene()
        #expect(try await scene.storage.connectors.insert(Self.connector()))
        #expect(try await scene.prove() != nil)
        let before = try #require(await scene.accounts.running.first)
        await scene.accounts.connectorsChanged()
        #expect(await scene.accounts.running.first === before)
        await scene.accounts.stop()
    }

    @Test func oneThatRestsIsKnownToBeSilent() async throws {
        let scene = Scene()
        let email = try #require(Email("ada@x.org"))
        #expect(try await scene.storage.connectors.insert(Self.connector()))
        scene.scripted.fail(.unavailable(.unreachable))
        #expect(try await scene.accounts.isAnswering(for: email))
        // From the first time on, before it is left alone.
        for _ in 0..<DirectoryRest.tolerance {
            await #expect(throws: PasswordsUnavailable.self) { try await scene.prove() }
            #expect(try await !scene.accounts.isAnswering(for: email))
        }
        #expect(try await scene.accounts.isAnswering(for: try #require(Email("ada@y.org"))))
        await scene.accounts.stop()
    }
}

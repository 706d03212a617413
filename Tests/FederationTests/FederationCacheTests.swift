import FederationTesting
import HTTP
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Federation

@Suite("Which connectors there are")
struct FederationCacheTests {
    @Test func aDisabledConnectorIsDead() async throws {
        let setup = try FederationSetup()
        var connector = try setup.connector()
        #expect(try await setup.storage.connectors.insert(connector))
        let federation = Federation(setup.storage.connectors, setup.parts)
        #expect(try await federation.find(connector.id) != nil)
        connector.disabledAt = .noon
        #expect(try await setup.storage.connectors.replace(connector))
        #expect(
            try await federation.find(connector.id) != nil, "what is read through the cache is seen when it is emptied")
        federation.forget()
        #expect(try await federation.find(connector.id) == nil)
        #expect(try await federation.upstreams().isEmpty)
        // What began by it can still be ended.
        #expect(try await federation.findToEnd(connector.id)?.connector.isEnabled == false)
        #expect(try await federation.findToEnd(ConnectorID(rawValue: "nobody")) == nil)
        connector.disabledAt = nil
        #expect(try await setup.storage.connectors.replace(connector))
        federation.forget()
        #expect(try await federation.find(connector.id) != nil)
    }

    @Test func whatWasLearnedOutlivesOtherChanges() async throws {
        let setup = try FederationSetup()
        let connector = try setup.connector()
        #expect(try await setup.storage.connectors.insert(connector))
        let federation = Federation(setup.storage.connectors, setup.parts)
        let before = try #require(try await federation.find(connector.id))
        federation.forget()
        #expect(try await federation.find(connector.id) === before)
        var changed = connector
        changed.name = "Another"
        #expect(try await setup.storage.connectors.replace(changed))
        federation.forget()
        #expect(try await federation.find(connector.id) !== before)
    }

    @Test func oneThatCannotBeUsedIsReportedAndLeftOut() async throws {
        let setup = try FederationSetup()
        let good = try setup.connector("good")
        var bad = try setup.connector("bad")
        bad.settings = #"{"client_id":"x"}"#
        #expect(try await setup.storage.connectors.insert(good))
        #expect(try await setup.storage.connectors.insert(bad))
        let faults = Counter()
        let federation = Federation(setup.storage.connectors, setup.parts) { id, fault in
            #expect(id.rawValue == "bad" && fault == .missing("issuer"))
            _ = faults.next()
        }
        // Once, however often pages are shown.
        for _ in 0..<3 { #expect(try await federation.upstreams().map(\.connector.id) == [good.id]) }
        #expect(faults.next() == 2)
    }
}

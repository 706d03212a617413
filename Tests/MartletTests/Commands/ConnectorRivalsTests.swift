import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet

@Suite("Connectors that claim the same people")
struct ConnectorRivalsTests {
    private func connector(
        _ id: String, _ members: String, kind: Connector.Kind = .openID, isEnabled: Bool = true
    ) -> Connector {
        let least =
            kind == .ldap ? #""hosts":["h"],"base":"dc=x""# : #""issuer":"https://a.example","client_id":"m""#
        return Connector(
            id: ConnectorID(rawValue: id), kind: kind, preset: nil, name: id, settings: "{\(least),\(members)}",
            sealedSecret: nil, position: 0, createdAt: .noon, updatedAt: .noon, disabledAt: isEnabled ? nil : .noon)
    }

    private func sentence(_ changed: [Connector], among all: [Connector]) -> String? {
        do throws(CommandFailure) {
            try ConnectorRivals.check(changed, among: all)
            return nil
        } catch {
            return error.sentence
        }
    }

    @Test func twoDirectoriesWithOneDomainAreRefused() {
        let old = connector("corp", #""domains":["corp.example","example.com"]"#, kind: .ldap)
        let new = connector("staff", #""domains":["example.com"]"#, kind: .ldap)
        let said = sentence([new], among: [old])
        #expect(said?.contains("connectors corp and staff both have passwords of example.com") == true)
        #expect(said?.contains("out of domains") == true)
        // In one file, too.
        #expect(sentence([old, new], among: []) != nil)
        #expect(sentence([connector("staff", #""domains":["staff.example"]"#, kind: .ldap)], among: [old]) == nil)
        // What is disabled claims nothing, what takes its own place neither.
        let off = connector("staff", #""domains":["example.com"]"#, kind: .ldap, isEnabled: false)
        #expect(sentence([off], among: [old]) == nil && sentence([new], among: [new, off]) == nil)
        #expect(sentence([connector("corp", #""domains":["a.example"]"#, kind: .ldap), new], among: [old]) == nil)
    }

    @Test func twoProvidersThatAreHomeToOneDomainAreRefused() {
        let old = connector("one", #""home_domains":["example.com"]"#)
        let new = connector("two", #""home_domains":["example.com"]"#)
        #expect(sentence([new], among: [old])?.contains("home_domains") == true)
        // Each for clients of its own is clear, and so is the password of whom the provider refuses.
        let (a, b) = (
            #""home_domains":["example.com"],"clients":["a"]"#, #""home_domains":["example.com"],"clients":["b"]"#
        )
        #expect(sentence([connector("two", b)], among: [connector("one", a)]) == nil)
        #expect(sentence([connector("two", b)], among: [old]) != nil)
        #expect(sentence([connector("corp", #""domains":["example.com"]"#, kind: .ldap)], among: [old]) == nil)
    }

    @Test func twoProvidersForOneClientsPeopleAreRefused() {
        let old = connector("one", #""direct_clients":["shop"]"#)
        #expect(sentence([connector("two", #""direct_clients":["shop"]"#)], among: [old])?.contains("shop") == true)
        #expect(sentence([connector("two", #""direct_clients":["app"]"#)], among: [old]) == nil)
    }

    // What others have set up before is not held against who changes something else.
    @Test func rivalsThatNobodyTouchesStay() {
        let both = ["one", "two"].map { connector($0, #""home_domains":["example.com"]"#) }
        #expect(sentence([connector("three", #""home_domains":["b.example"]"#)], among: both) == nil)
    }
}

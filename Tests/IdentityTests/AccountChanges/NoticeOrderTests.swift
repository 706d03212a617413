import JOSE
import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Identity

/// What is told cannot be told while no mail can be ordered; then nothing has changed either.
@Suite("Who is to hear of a change hears of it before there is one", .spec("ASVS 6.3.7"))
struct NoticeOrderTests {
    private struct NotTold: Error {}

    /// The same bytes again and again: the second mail collides with the first.
    private struct SameBytes: RandomSource {
        func bytes(_ count: Int) -> [UInt8] { Array(repeating: 7, count: count) }
    }

    private struct Ground {
        let desk: MailDesk
        let ada: User
        let secondFactor: SecondFactor
        /// Which cannot order a mail any more.
        let notices: AccountNotices

        init() async throws {
            desk = try MailDesk()
            ada = try await desk.makeAda()
            let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
            secondFactor = SecondFactor(
                desk.storage, masterKey: masterKey, clock: desk.clock, random: SystemRandom(), issuer: "id.example",
                mailedCodes: MailedCodes(
                    desk.storage, codes: desk.codes, clock: desk.clock, random: SystemRandom(), wake: {}))
            notices = AccountNotices(desk.storage, clock: desk.clock, random: SameBytes(), wake: {})
            try await notices.tell(.recoveryCodesRenewed, ada)
        }

        func turnOn() async throws {
            let store = desk.storage.secondFactors.authenticators
            #expect(try await store.propose(.withEveryFieldSet(user: ada.id.rawValue)))
            #expect(try await secondFactor.authenticators.isOn(for: ada.id))
        }

        var links: LinkedAccounts {
            LinkedAccounts(
                desk.storage, accounts: desk.accounts, notices: notices,
                audit: AuditTrail(desk.storage, masterKey: nil, clock: desk.clock, random: SystemRandom()),
                clock: desk.clock, rates: ConnectorRates())
        }
    }

    private func fail() throws { throw NotTold() }

    @Test func anAppThatIsOnStaysOn() async throws {
        let ground = try await Ground()
        try await ground.turnOn()
        await #expect(throws: NotTold.self) { try await ground.secondFactor.turnOff(for: ground.ada.id) { try fail() } }
        #expect(try await ground.secondFactor.authenticators.isOn(for: ground.ada.id))
        #expect(try await ground.secondFactor.turnOff(for: ground.ada.id))
        // Where none is on nothing is told.
        #expect(try await !ground.secondFactor.turnOff(for: ground.ada.id) { try fail() })
    }

    @Test func recoveryCodesStay() async throws {
        let ground = try await Ground()
        try await ground.turnOn()
        let codes = ground.secondFactor.recoveryCodes
        let old = try #require(try await codes.renew(for: ground.ada.id))
        await #expect(throws: NotTold.self) { try await codes.renew(for: ground.ada.id) { try fail() } }
        #expect(try await codes.accept(old[0].text, for: ground.ada.id))
    }

    @Test func codesByMailStayAsTheyAre() async throws {
        let ground = try await Ground()
        let (factor, ada) = (ground.secondFactor, ground.ada)
        await #expect(throws: NotTold.self) { try await factor.turnMailedCodesOn(for: ada) { try fail() } }
        #expect(try await factor.ways(of: ada.id).mail == .off)
        #expect(try await factor.turnMailedCodesOn(for: ada) != nil)
        await #expect(throws: NotTold.self) { try await factor.turnMailedCodesOff(for: ada.id) { try fail() } }
        #expect(try await factor.ways(of: ada.id).mail == .on)
        #expect(try await factor.turnMailedCodesOff(for: ada.id))
        #expect(try await !factor.turnMailedCodesOff(for: ada.id) { try fail() })
    }

    @Test func aPasskeyStaysAndWhatStaysIsNotTold() async throws {
        let ground = try await Ground()
        let store = ground.desk.storage.secondFactors.passkeys
        let key = Passkey.withEveryFieldSet(user: ground.ada.id.rawValue)
        #expect(try await store.add(key, limit: 9) == .added)
        let masterKey = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let passkeys = Passkeys(
            ground.desk.storage, domain: "login.example", name: "login.example", origins: ["https://login.example"],
            masterKey: masterKey, clock: ground.desk.clock, random: SystemRandom(), telling: ground.notices)
        await #expect(throws: StorageError.self) { try await passkeys.remove(key.credentialID, of: ground.ada) }
        #expect(try await store.list(of: ground.ada.id) == [key])
        // The only way in is not removed, and nobody is told that it was.
        let hash = try #require(ground.ada.passwordHash)
        #expect(
            try await ground.desk.storage.users.removePassword(of: ground.ada.id, from: hash, at: ground.desk.clock.now)
        )
        let bare = try #require(try await ground.desk.storage.users.find(ground.ada.id))
        #expect(try await passkeys.remove(key.credentialID, of: bare) == .lastWayIn)
    }

    @Test func aLinkIsNotMade() async throws {
        let ground = try await Ground()
        let store = ground.desk.storage.links
        let person = ProvenIdentity(
            connector: ConnectorID(rawValue: "g"), connectorName: "G", subject: "1", email: ground.ada.email,
            isEmailVerified: true, name: nil, methods: [], hasSecondFactor: false,
            rules: ProvenIdentity.Rules(isAdmitted: true, mayCreate: true, mayLink: true, bringsName: false))
        await #expect(throws: StorageError.self) {
            try await ground.links.link(person, to: ground.ada, from: AuditOrigin())
        }
        #expect(try await store.list(of: ground.ada.id).isEmpty)
    }
}

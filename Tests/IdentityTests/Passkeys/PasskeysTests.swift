import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Stores
import Testing
import WebAuthn

@testable import Identity

@Suite("Passkeys of an account", .spec("WebAuthn L3 §7"))
struct PasskeysTests {
    private struct Desk {
        let storage = Storage.inMemory()
        let clock = TestClock(.noon)
        let user = User.withEveryFieldSet(disabledAt: nil)

        func passkeys(
            _ fill: UInt8 = 7, before: [UInt8] = [], telling notices: AccountNotices? = nil, audit: AuditTrail? = nil
        ) throws -> Passkeys {
            func key(_ fill: UInt8) -> MasterKey? { MasterKey(Secret([UInt8](repeating: fill, count: 32))) }
            let masterKey = try #require(key(fill)).following(before.compactMap(key))
            return Passkeys(
                storage, domain: "login.example", name: "login.example", origins: ["https://login.example"],
                masterKey: masterKey, clock: clock, random: SystemRandom(), telling: notices, audit: audit)
        }

        /// The options as a page gets them.
        func text(_ options: some JSONEncodable) -> String {
            var writer = JSONWriter()
            options.encode(to: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }

        func answer(_ options: String, _ json: String) throws -> Passkeys.Answer {
            Passkeys.Answer(json: json, challenge: try #require(try JSONValue(parsing: options)["challenge"]?.string))
        }

        func add(_ key: inout SoftAuthenticator, to passkeys: Passkeys) async throws -> Passkeys.Registration {
            let options = text(try await passkeys.creationOptions(for: user, in: "browser"))
            return try await passkeys.register(
                try answer(options, try key.answer(creation: options)), named: "key", for: user, in: "browser")
        }
    }

    @Test("Names are one line of bounded length")
    func names() {
        #expect(Passkeys.fit("  my\u{A0}\u{2028} key\n\t2 ") == "my key 2")
        #expect(Passkeys.fit(" \u{0}\u{85} ") == "" && !Passkeys.isFit(name: "\n"))
        #expect(Passkeys.fit(String(repeating: "é", count: 70)).count == Passkeys.nameLimit)
        #expect(Passkeys.isFit(name: "燕"))
    }

    @Test("The handle says nothing of the account, is the same for all its passkeys and outlives the master key")
    func handles() async throws {
        let desk = Desk()
        #expect(try await desk.storage.users.insert(desk.user))
        var first = try SoftAuthenticator()
        guard case .added(let passkey) = try await desk.add(&first, to: desk.passkeys()) else {
            Issue.record("not added")
            return
        }
        #expect(passkey.userHandle.count == 32 && passkey.userHandle == first.userHandle)
        let id = Array(desk.user.id.rawValue.utf8)
        #expect(passkey.userHandle != id && passkey.userHandle != SHA256.digest(of: id).bytes)
        var second = try SoftAuthenticator()
        guard case .added = try await desk.add(&second, to: desk.passkeys(9)) else {
            Issue.record("not added")
            return
        }
        #expect(second.userHandle == first.userHandle)
        // Nobody else has it.
        let other = desk.text(
            try await desk.passkeys().creationOptions(for: .withNothingOptional(), in: "browser"))
        let handle = try JSONValue(parsing: other)["user"]?["id"]?.string
        #expect(handle != nil && handle != Base64URL.encode(passkey.userHandle))
    }

    @Test("A challenge of the master key before this one still counts, that of a stranger's key does not")
    func masterKeys() async throws {
        let desk = Desk()
        #expect(try await desk.storage.users.insert(desk.user))
        var key = try SoftAuthenticator()
        let options = desk.text(try await desk.passkeys(7).creationOptions(for: desk.user, in: "browser"))
        let answer = try desk.answer(options, try key.answer(creation: options))
        let stranger = try await desk.passkeys(9).register(answer, named: "", for: desk.user, in: "browser")
        #expect(stranger == .refused)
        let next = try await desk.passkeys(9, before: [7]).register(answer, named: "", for: desk.user, in: "browser")
        #expect(next != .refused && next != .taken)
        // Spent.
        #expect(try await desk.passkeys().register(answer, named: "", for: desk.user, in: "browser") == .refused)
    }

    @Test("A credential has one owner, an account a bounded number; its owner hears of what was added only")
    func bounds() async throws {
        let desk = Desk()
        let notices = AccountNotices(desk.storage, clock: desk.clock, random: SystemRandom(), wake: {})
        let passkeys = try desk.passkeys(telling: notices)
        #expect(try await desk.storage.users.insert(desk.user))
        var key = try SoftAuthenticator()
        for number in 0..<Passkeys.limit {
            key.credentialID = [UInt8(number), 1]
            guard case .added = try await desk.add(&key, to: passkeys) else {
                Issue.record("\(number) was not added")
                return
            }
        }
        key.credentialID = [200, 1]
        #expect(try await desk.add(&key, to: passkeys) == .full)
        #expect(try await passkeys.remove([0, 1], of: desk.user) == .removed)
        let options = desk.text(try await passkeys.creationOptions(for: desk.user, in: "browser"))
        let fresh = try desk.answer(options, try key.answer(creation: options))
        // As if another account had got it meanwhile.
        let store = desk.storage.secondFactors.passkeys
        #expect(try await desk.storage.users.insert(.withNothingOptional()))
        let theirs = Passkey(
            credentialID: [200, 1], userID: User.withNothingOptional().id, userHandle: [1], publicKey: [],
            signCount: 0, isBackupEligible: false, isBackedUp: false, isUserVerified: true, aaguid: [],
            transports: [], name: "", createdAt: .noon, lastUsedAt: nil)
        #expect(try await store.add(theirs, limit: 9) == .added)
        #expect(try await passkeys.register(fresh, named: "", for: desk.user, in: "browser") == .taken)
        #expect(try await desk.storage.mails.figures().waiting == Passkeys.limit + 1)
    }
}

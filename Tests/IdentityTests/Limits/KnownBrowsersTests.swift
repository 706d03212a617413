import JOSE
import MartletTesting
import OAuthTypes
import Testing

@testable import Identity

@Suite("Browsers that are known")
struct KnownBrowsersTests {
    private static func known(_ byte: UInt8 = 7) throws -> KnownBrowsers {
        let key = try #require(MasterKey(Secret([UInt8](repeating: byte, count: 32))))
        return KnownBrowsers(key, random: SeededRandom(seed: 3))
    }

    @Test func areKnownToEachAccountThatWasNoted() throws {
        let known = try Self.known()
        let one = known.mark(after: nil, noting: "zoe@example.org")
        let two = known.mark(after: one, noting: "ada@example.org")
        let number = try #require(known.number(of: one, knowing: "zoe@example.org", since: nil))
        #expect(known.number(of: one, knowing: "ada@example.org", since: nil) == nil)
        #expect(known.number(of: two, knowing: "ada@example.org", since: nil) == number)
        #expect(known.number(of: two, knowing: "zoe@example.org", since: nil) == number)
    }

    @Test func areNotKnownByAMarkOfAnotherKey() throws {
        let mark = try Self.known(8).mark(after: nil, noting: "zoe@example.org")
        #expect(try Self.known(8).number(of: mark, knowing: "zoe@example.org", since: nil) != nil)
        #expect(try Self.known().number(of: mark, knowing: "zoe@example.org", since: nil) == nil)
    }

    @Test func areKnownStillAfterAChangeOfTheMasterKey() throws {
        let mark = try Self.known().mark(after: nil, noting: "zoe@example.org")
        let old = try #require(MasterKey(Secret([UInt8](repeating: 7, count: 32))))
        let new = try #require(MasterKey(Secret([UInt8](repeating: 8, count: 32))))
        let both = KnownBrowsers(new.following([old]), random: SeededRandom(seed: 3))
        #expect(both.number(of: mark, knowing: "zoe@example.org", since: nil) != nil)
        #expect(both.number(of: mark, knowing: "ada@example.org", since: nil) == nil)
        // What is made from now on is made with the new one.
        let next = both.mark(after: mark, noting: "ada@example.org")
        #expect(try Self.known(8).number(of: next, knowing: "ada@example.org", since: nil) != nil)
    }

    @Test func keepTheLastEightAccountsHoweverOftenEachComes() throws {
        let known = try Self.known()
        var mark: String?
        for number in 0..<9 {
            for _ in 0..<2 { mark = known.mark(after: mark, noting: "\(number)@example.org") }
        }
        #expect(known.number(of: mark, knowing: "0@example.org", since: nil) == nil)
        for number in 1..<9 { #expect(known.number(of: mark, knowing: "\(number)@example.org", since: nil) != nil) }
        #expect(try #require(mark).utf8.count < 250)
    }

    @Test func areStrangersToWhomeverHasEndedAllSessionsSince() throws {
        let known = try Self.known()
        let zoe = "zoe@example.org"
        let old = known.mark(after: nil, noting: zoe)
        #expect(known.knows(zoe, by: old, since: nil))
        #expect(!known.knows(zoe, by: old, since: .noon))
        // Nor do the limits spare it any more.
        #expect(known.hasSeen(zoe, by: old) && known.number(of: old, knowing: zoe, since: .noon) == nil)
        let number = try #require(known.number(of: old, knowing: zoe, since: nil))
        let new = known.mark(after: known.mark(after: old, noting: zoe, since: .noon), noting: "ada@example.org")
        #expect(known.knows(zoe, by: new, since: .noon) && known.number(of: new, knowing: zoe, since: .noon) == number)
        #expect(!known.knows(zoe, by: new, since: nil))
        #expect(!known.knows(zoe, by: new, since: .noon + .microseconds(1)))
        #expect(!known.knows("ada@example.org", by: new, since: .noon))
        #expect(known.knows("ada@example.org", by: new, since: nil))
        #expect(!known.knows(zoe, by: nil, since: nil))
        #expect(new.split(separator: ".").count == 3)
    }

    @Test func sayWhoseAccountAnotherAddressLedTo() throws {
        let known = try Self.known()
        let (zoe, ada) = (UserID(rawValue: "u_zoe"), UserID(rawValue: String(repeating: "a", count: 64)))
        let plain = known.mark(after: nil, noting: "zoe@example.org")
        let mark = known.mark(after: plain, noting: "zoe@corp.example", asOneOf: zoe)
        #expect(known.owner(of: "zoe@corp.example", by: mark) == zoe)
        #expect(known.owner(of: "ada@corp.example", by: mark) == nil)
        #expect(known.owner(of: "zoe@corp.example", by: plain) == nil)
        // It is no account's code.
        #expect(!known.hasSeen("zoe@corp.example", by: mark) && known.hasSeen("zoe@example.org", by: mark))
        // Somebody else has the address by now; of three the last two stay.
        var next = known.mark(after: mark, noting: "zoe@corp.example", asOneOf: ada)
        #expect(known.owner(of: "zoe@corp.example", by: next) == ada)
        for name in ["one", "two"] { next = known.mark(after: next, noting: name, asOneOf: ada) }
        #expect(known.owner(of: "zoe@corp.example", by: next) == nil && known.owner(of: "one", by: next) == ada)
        for number in 0..<9 { next = known.mark(after: next, noting: "\(number)@example.org") }
        #expect(known.owner(of: "two", by: next) == ada && next.utf8.count <= 444)
        // Another's key reads nothing of it, nor does it count in another browser.
        #expect(try Self.known(8).owner(of: "zoe@corp.example", by: mark) == nil)
        let part = try #require(mark.split(separator: ".").last)
        let other = known.mark(after: nil, noting: "ada@example.org") + "." + part
        #expect(known.owner(of: "zoe@corp.example", by: other) == nil)
    }

    @Test func codesOfOneBrowserAreWorthNothingInAnother() throws {
        let known = try Self.known()
        let (mine, other) = (
            known.mark(after: nil, noting: "zoe@example.org"), known.mark(after: nil, noting: "ada@example.org")
        )
        let code = try #require(mine.split(separator: ".").last)
        #expect(known.number(of: other + "." + code, knowing: "ada@example.org", since: nil) != nil)
        #expect(known.number(of: other + "." + code, knowing: "zoe@example.org", since: nil) == nil)
    }
}

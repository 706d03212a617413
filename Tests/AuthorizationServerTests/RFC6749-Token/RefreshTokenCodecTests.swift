import JOSE
import JSON
import MartletTesting
import OAuthTypes
import Testing

@testable import AuthorizationServer

@Suite("Refresh tokens", .spec("T-06", "RFC 6749 §10.10"))
struct RefreshTokenCodecTests {
    private let codec = RefreshTokenCodec(MasterKey(Secret(SeededRandom().bytes(32)))!)
    private let grant = GrantID(rawValue: Base64URL.encode(SeededRandom(seed: 2).bytes(16)))

    @Test(arguments: [0, 1, 255, 256, Int64.max])
    func saysWhatWasPutIn(_ generation: Int64) throws {
        let token = try #require(codec.token(of: grant, generation: generation))
        let read = try #require(codec.read(token))
        #expect(read.grant == grant)
        #expect(read.generation == generation)
        #expect(token == codec.token(of: grant, generation: generation))
        #expect(token.utf8.count == 80)
    }

    @Test func refusesATokenWithAnyBitFlipped() throws {
        let token = try #require(codec.token(of: grant, generation: 3))
        let bytes = try #require(Base64URL.decode(token))
        for position in bytes.indices {
            for bit in 0..<8 {
                var forged = bytes
                forged[position] ^= 1 << UInt8(bit)
                #expect(codec.read(Base64URL.encode(forged)) == nil)
            }
        }
        #expect(codec.read(token) != nil)
    }

    @Test func refusesATokenWithAnyCharacterReplaced() throws {
        let token = Array(try #require(codec.token(of: grant, generation: 3)).utf8)
        for position in token.indices {
            for other in "A-_=+/ .\0".utf8 where other != token[position] {
                var forged = token
                forged[position] = other
                #expect(codec.read(String(decoding: forged, as: UTF8.self)) == nil)
            }
        }
    }

    @Test func refusesOtherLengths() throws {
        let token = try #require(codec.token(of: grant, generation: 3))
        for forged in [
            "", String(token.dropLast()), token + "A", token + "AAAA", token + "=", "A" + token, token + token,
        ] {
            #expect(codec.read(forged) == nil)
        }
        for count in [0, 1, 27, 28, 59, 61, 1_000_000] {
            #expect(codec.read(Base64URL.encode([UInt8](repeating: 7, count: count))) == nil)
        }
    }

    @Test func refusesATokenOfAnotherMasterKey() throws {
        let other = RefreshTokenCodec(MasterKey(Secret(SeededRandom(seed: 9).bytes(32)))!)
        let token = try #require(codec.token(of: grant, generation: 3))
        #expect(other.read(token) == nil)
        // The same key id in front does not help.
        let theirs = try #require(other.token(of: grant, generation: 3))
        var forged = try #require(Base64URL.decode(theirs))
        forged.replaceSubrange(0..<4, with: try #require(Base64URL.decode(token))[0..<4])
        #expect(codec.read(Base64URL.encode(forged)) == nil)
    }

    @Test func aNewMasterKeyReadsTheTokensOfItsPredecessors() throws {
        let old = MasterKey(Secret(SeededRandom().bytes(32)))!
        let new = MasterKey(Secret(SeededRandom(seed: 9).bytes(32)))!
        let token = try #require(codec.token(of: grant, generation: 3))
        let both = RefreshTokenCodec(new.following([old]))
        #expect(both.read(token)?.generation == 3)
        let successor = try #require(both.token(of: grant, generation: 4))
        #expect(RefreshTokenCodec(new).read(successor)?.grant == grant)
        #expect(RefreshTokenCodec(new).read(token) == nil)
        // The name of one key before the code of the other.
        var forged = try #require(Base64URL.decode(token))
        forged.replaceSubrange(0..<4, with: new.id.bytes)
        #expect(both.read(Base64URL.encode(forged)) == nil)
    }

    @Test func aNewMasterKeyTakesTheFormsOfItsPredecessors() {
        let old = MasterKey(Secret(SeededRandom().bytes(32)))!
        let new = MasterKey(Secret(SeededRandom(seed: 9).bytes(32)))!
        let token = FormTokens(old).token(for: "consent", browser: "b")
        #expect(FormTokens(new.following([old])).verifies(token, for: "consent", browser: "b"))
        #expect(!FormTokens(new.following([old])).verifies(token, for: "login", browser: "b"))
        #expect(!FormTokens(new).verifies(token, for: "consent", browser: "b"))
        #expect(FormTokens(new.following([old])).token(for: "consent", browser: "b") != token)
    }

    @Test func refusesATokenWhosePartsWereMixed() throws {
        let tokens = [codec.token(of: grant, generation: 3), codec.token(of: grant, generation: 4)]
        let bytes = tokens.compactMap { $0.flatMap { Base64URL.decode($0) } }
        let (one, two) = (try #require(bytes.first), try #require(bytes.last))
        #expect(codec.read(Base64URL.encode(Array(one[..<28] + two[28...]))) == nil)
    }
}

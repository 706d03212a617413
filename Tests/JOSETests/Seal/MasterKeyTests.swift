import JSON
import Testing

@testable import JOSE

@Suite("Master key file")
struct MasterKeyFileTests {
    let raw = SHA256.digest(of: "a master key").bytes

    @Test func everySpellingGivesTheSameKey() throws {
        let hex = raw.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let base64URL = Base64URL.encode(raw)
        let base64 = String(base64URL.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }) + "="
        let key = try MasterKey(fileContents: raw)
        for text in [hex, hex.uppercased(), hex + "\n", base64, base64 + "\r\n", " " + base64URL + "\n"] {
            #expect(try MasterKey(fileContents: Array(text.utf8)).id == key.id, "\(text)")
        }
        #expect(try MasterKey(fileContents: raw.reversed()).id != key.id)
    }

    static let refusals: [([UInt8], MasterKey.FileError)] = [
        ([], MasterKey.FileError.wrongLength),
        ([UInt8]("  \n".utf8), .wrongLength),
        ([UInt8](repeating: 7, count: 31), .wrongLength),
        ([UInt8](repeating: 7, count: 33), .wrongLength),
        ([UInt8]("correct horse battery staple and".utf8), .passphrase),
        ([UInt8]("correct horse battery staple and\n".utf8), .passphrase),
        ([UInt8]("correct horse battery staple an\n".utf8), .passphrase),
        ([UInt8]("correct horse battery staple a\r\n".utf8), .passphrase),
        ([UInt8]("0123456789abcdef0123456789abcdef".utf8), .passphrase),
        ([UInt8](repeating: 0, count: 32), .notRandom),
        ([UInt8](String(repeating: "0", count: 64).utf8), .notRandom),
        ([UInt8](String(repeating: "g", count: 64).utf8), .wrongLength),
        ([UInt8](String(repeating: "A", count: 43).utf8), .notRandom),
    ]

    @Test(arguments: refusals)
    func refusesWhatIsNoKey(contents: [UInt8], reason: MasterKey.FileError) throws {
        let error = #expect(throws: MasterKey.FileError.self) { try MasterKey(fileContents: contents) }
        #expect(error == reason)
        #expect(error?.description.contains("32") == true)
        _ = try MasterKey(fileContents: raw)
    }

    private func line(_ seed: String) -> String { Base64URL.encode(SHA256.digest(of: seed).bytes) }

    @Test func theFirstLineSealsAndTheOthersOpen() throws {
        let names = ["a", "b", "c"]
        let alone = try names.map { try MasterKey(fileContents: Array(line($0).utf8)) }
        for separator in ["\n", "\r\n", ",", ", ", "\n\n  "] {
            let text = names.map(line).joined(separator: separator) + "\n"
            let key = try MasterKey(fileContents: Array(text.utf8))
            #expect(key.id == alone[0].id)
            #expect(key.predecessors.map(\.id) == [alone[1].id, alone[2].id])
            #expect(key.all.map(\.id) == alone.map(\.id))
        }
        #expect(alone.allSatisfy { $0.predecessors.isEmpty })
    }

    static let unfitLists: [([String], MasterKey.FileError)] = [
        (["a", "b", "a"], .repeated), ((0...8).map { "\($0)" }, .tooMany),
    ]

    @Test(arguments: unfitLists)
    func refusesAnUnfitList(names: [String], reason: MasterKey.FileError) throws {
        let text = names.map(line).joined(separator: "\n")
        #expect(throws: reason) { try MasterKey(fileContents: Array(text.utf8)) }
        _ = try MasterKey(fileContents: Array(names.dropLast().map(line).joined(separator: "\n").utf8))
    }

    @Test func refusesAListWithALineThatIsNoKey() throws {
        for bad in ["no key", "0123456789abcdef0123456789abcdef"] {
            #expect(throws: MasterKey.FileError.self) {
                try MasterKey(fileContents: Array((line("a") + "\n" + bad + "\n").utf8))
            }
        }
    }

    @Test func subkeysDependOnKeyAndPurpose() throws {
        let key = try MasterKey(fileContents: raw), other = try MasterKey(fileContents: raw.reversed())
        #expect(key.subkey(purpose: "cookies") == key.subkey(purpose: "cookies"))
        #expect(key.subkey(purpose: "cookies") != key.subkey(purpose: "tokens"))
        #expect(key.subkey(purpose: "cookies") != other.subkey(purpose: "cookies"))
        #expect(key.subkey(purpose: "cookies") != key.sealingKey(purpose: "cookies"))
        #expect(key.subkey(purpose: "cookies").count == 32)
    }
}

@Suite("Sealed values")
struct SealTests {
    let key: MasterKey
    let other: MasterKey
    let plain = Array("top secret".utf8)

    init() throws {
        key = try MasterKey(fileContents: SHA256.digest(of: "one").bytes)
        other = try MasterKey(fileContents: SHA256.digest(of: "two").bytes)
    }

    @Test func openWithTheSameKeyPurposeAndBinding() throws {
        for plain in [plain, [], [UInt8](repeating: 1, count: 5000)] {
            let sealed = try key.seal(plain, purpose: "test", boundTo: [1])
            #expect(try key.open(sealed, purpose: "test", boundTo: [1]) == Secret(plain))
            #expect(sealed.count == plain.count + 33)
            #expect(MasterKey.id(ofSealed: sealed) == key.id)
        }
    }

    @Test func neverLookTheSameTwice() throws {
        let first = try key.seal(plain, purpose: "test", boundTo: []),
            second = try key.seal(plain, purpose: "test", boundTo: [])
        #expect(first != second)
        #expect(first[5..<17] != second[5..<17], "the nonce must be fresh")
    }

    @Test func refuseEverythingElse() throws {
        let sealed = try key.seal(plain, purpose: "test", boundTo: [1])
        #expect(throws: JOSEError.unsealable) { try key.open(sealed, purpose: "tests", boundTo: [1]) }
        #expect(throws: JOSEError.unsealable) { try key.open(sealed, purpose: "test", boundTo: [2]) }
        #expect(throws: JOSEError.unsealable) { try key.open(sealed, purpose: "test", boundTo: []) }
        #expect(throws: JOSEError.wrongMasterKey(key.id)) { try other.open(sealed, purpose: "test", boundTo: [1]) }
        #expect(throws: Never.self) { try key.open(sealed, purpose: "test", boundTo: [1]) }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test func openUnderASuccessorOfTheirMasterKey() throws {
        let third = try MasterKey(fileContents: SHA256.digest(of: "three").bytes)
        let old = try key.seal(plain, purpose: "test", boundTo: [1])
        let successor = other.following([third, key])
        #expect(try successor.open(old, purpose: "test", boundTo: [1]) == Secret(plain))
        #expect(throws: JOSEError.unsealable) { try successor.open(old, purpose: "test", boundTo: [2]) }
        #expect(throws: JOSEError.wrongMasterKey(key.id)) {
            try other.following([third]).open(old, purpose: "test", boundTo: [1])
        }
        let new = try successor.seal(plain, purpose: "test", boundTo: [1])
        #expect(MasterKey.id(ofSealed: new) == other.id)
        #expect(try other.open(new, purpose: "test", boundTo: [1]) == Secret(plain))
        #expect(MasterKey.id(ofHead: Array(new.prefix(MasterKey.headCount))) == other.id)
        #expect(MasterKey.id(ofHead: Array(new.prefix(4))) == nil)
        // What stood behind a key does not come along behind another one.
        #expect(third.following([successor]).all.map(\.id) == [third.id, other.id])
        #expect(successor.subkey(purpose: "test") == other.subkey(purpose: "test"))
    }

    @Test func refuseAnyChangedBitAndAnyLength() throws {
        let sealed = try key.seal(plain, purpose: "test", boundTo: [])
        for place in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[place] ^= 1 << bit
                #expect(throws: JOSEError.self) { try key.open(changed, purpose: "test", boundTo: []) }
            }
        }
        for end in 0..<sealed.count {
            #expect(throws: JOSEError.unsealable) {
                try key.open(Array(sealed[..<end]), purpose: "test", boundTo: [])
            }
        }
        #expect(throws: JOSEError.unsealable) { try key.open(sealed + [0], purpose: "test", boundTo: []) }
        #expect(try key.open(sealed, purpose: "test", boundTo: []) == Secret(plain))
        #expect(OpenSSLErrors.isEmpty)
    }
}

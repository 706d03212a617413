import OAuthTypes
import Testing

@testable import Identity

@Suite("Filter of breached passwords")
struct BreachedPasswordsTests {
    private static func build(
        _ lines: [String], bits: Int = FilterBuilder.standardBits, runLength: Int = 1000
    ) throws -> [UInt8] {
        let folder = ScratchFolder()
        let builder = FilterBuilder(
            output: folder.path + "/f", bits: bits, runLength: runLength, madeAt: Timestamp(seconds: 1_790_000_000))
        for line in lines { try builder.add(Array(line.utf8)[...]) }
        try builder.finish()
        #expect(folder.names == ["f"])
        return folder.read("f")
    }

    private static func words(_ count: Int, _ start: String) -> [String] { (0..<count).map { "\(start) number \($0)" } }

    private static func contains(_ filter: BreachedPasswords, _ text: String) -> Bool {
        Password(text).map(filter.contains) ?? false
    }

    @Test(arguments: [1, 2, 255, 256, 257, 5000])
    func whatIsOnTheListIsAlwaysFound(_ count: Int) throws {
        let words = Self.words(count, "breached")
        let filter = try BreachedPasswords(bytes: Self.build(words))
        #expect(filter.count == count)
        #expect(words.allSatisfy { Self.contains(filter, $0) })
        #expect(!Self.contains(filter, "breached number none"))
    }

    /// 100,000 texts that are not on the list, the same in every run.
    @Test(arguments: [4, 8, 20])
    func falseAlarmsAreAsRareAsTheFilterSays(_ bits: Int) throws {
        let filter = try BreachedPasswords(bytes: Self.build(Self.words(5000, "breached"), bits: bits))
        var random = SeededGenerator(state: 42)
        let alarms = (0..<100_000).count { _ in Self.contains(filter, String(random.next(), radix: 36) + "-other") }
        let expected = filter.falseAlarms * 100_000
        #expect(filter.falseAlarms <= 1 / Double(1 << bits))
        #expect(Double(alarms) <= expected + 4 * expected.squareRoot() + 1)
        #expect(Double(alarms) >= expected - 4 * expected.squareRoot() - 1)
        // The code wastes no more than two bits, and the index one.
        #expect(filter.bitsPerPassword < Double(bits) + 3)
    }

    @Test func runsOfAnyLengthMakeTheSameFile() throws {
        let words = Self.words(1000, "breached") + Self.words(300, "breached")
        let whole = try Self.build(words)
        for runLength in [1, 7, 1299, 1300, 1301] {
            #expect(try Self.build(words, runLength: runLength) == whole)
        }
        #expect(try BreachedPasswords(bytes: whole).count == 1000)
    }

    @Test func wordsAndTheirHashesAreTheSame() throws {
        // SHA-1 of `password`, from the announcement of every such list.
        #expect(PasswordKey(Password("password")!).hexadecimal == "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8")
        let lists = [
            "password", "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824",
            "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\r",
        ]
        for list in lists { #expect(Self.contains(try BreachedPasswords(bytes: Self.build([list])), "password")) }
        let other = try BreachedPasswords(bytes: Self.build(["5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:many"]))
        #expect(!Self.contains(other, "password"))
    }

    @Test func linesThatNobodyCanTypeAreCounted() throws {
        let folder = ScratchFolder()
        let builder = FilterBuilder(output: folder.path + "/f", madeAt: Timestamp(seconds: 0))
        #expect(throws: FilterBuilder.Refusal.nothing) { try builder.finish() }
        for line in ["short", "", "#!comment: nothing", "\r", "long enough"] { try builder.add(Array(line.utf8)[...]) }
        try builder.add([0xFF, 0xFE, 0x41, 0x41, 0x41, 0x41, 0x41, 0x41][...])
        try builder.add([UInt8](repeating: 0x61, count: Password.byteLimit + 1)[...])
        #expect(builder.lines.taken == 1 && builder.lines.tooShort == 1 && builder.lines.unusable == 2)
        try builder.finish()
        #expect(folder.names == ["f"])
        let nowhere = FilterBuilder(output: folder.path + "/none/f", madeAt: Timestamp(seconds: 0))
        try nowhere.add(Array("long enough".utf8)[...])
        #expect(throws: FilterBuilder.Refusal.unwritable("No such file or directory")) { try nowhere.finish() }
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: FilterRefusal
        let change: @Sendable (inout [UInt8]) -> Void
    }

    @Test(arguments: [
        Damage(testDescription: "empty", refusal: .notAFilter) { $0 = [] },
        Damage(testDescription: "something else", refusal: .notAFilter) { $0 = Array("password\n".utf8) + $0 },
        Damage(testDescription: "beginning alone", refusal: .truncated) { $0.removeSubrange(100...) },
        Damage(testDescription: "one byte short", refusal: .truncated) { $0.removeLast() },
        Damage(testDescription: "one byte long", refusal: .truncated) { $0.append(0) },
        Damage(testDescription: "another version", refusal: .unknownVersion(2)) { $0[11] = 2 },
        Damage(testDescription: "no bits", refusal: .damaged) { $0[12] = 0 },
        Damage(testDescription: "too many bits", refusal: .damaged) { $0[12] = 65 },
        Damage(testDescription: "another number of values", refusal: .damaged) { $0[23] ^= 1 },
        Damage(testDescription: "more values than a number holds", refusal: .damaged) { $0[16] = 0xFF },
        Damage(testDescription: "another time", refusal: .damaged) { $0[47] ^= 1 },
        Damage(testDescription: "a bit of the values", refusal: .damaged) { $0[FilterHeader.size + 5] ^= 0x10 },
        Damage(testDescription: "a bit of the index", refusal: .damaged) { $0[$0.count - 3] ^= 0x10 },
        Damage(testDescription: "another checksum", refusal: .damaged) { $0[90] ^= 1 },
    ])
    func damagedFilesAreRefused(_ damage: Damage) throws {
        var bytes = try Self.build(Self.words(600, "breached"))
        _ = try BreachedPasswords(bytes: bytes)
        damage.change(&bytes)
        #expect(throws: damage.refusal) { try BreachedPasswords(bytes: bytes) }
        let folder = ScratchFolder()
        folder.write(bytes, to: "f")
        #expect(throws: damage.refusal) { try BreachedPasswords(path: folder.path + "/f") }
        #expect(throws: FilterRefusal.unreadable("No such file or directory")) {
            try BreachedPasswords(path: folder.path + "/none")
        }
        #expect(throws: FilterRefusal.unreadable("not a file")) { try BreachedPasswords(path: folder.path) }
    }

    /// Checksums guard against accidents: whoever makes them fit still crashes nothing.
    @Test func aReaderSurvivesAnyBytes() throws {
        let good = try Self.build(Self.words(600, "breached"))
        let header = try good.withUnsafeBytes { try FilterHeader($0) }
        var random = SeededGenerator(state: 3)
        for _ in 0..<500 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                bytes[Int.random(in: FilterHeader.size..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            var forged = header
            forged.remainderBits = Int.random(in: 0..<header.valueBits, using: &random)
            let (data, index) = (
                Array(bytes[FilterHeader.size..<(FilterHeader.size + header.dataBytes)]),
                Array(bytes[(FilterHeader.size + header.dataBytes)...])
            )
            forged.dataDigest = data.withUnsafeBytes { BreachedPasswords.digest([], $0[...]) }
            forged.digest = index.withUnsafeBytes { BreachedPasswords.digest(forged.covered, $0[...]) }
            let filter = try BreachedPasswords(bytes: forged.bytes + data + index)
            for number in 0..<20 { _ = Self.contains(filter, "breached number \(number)") }
        }
    }

    @Test func theFilterThatComesAlongKnowsTheCommonestOnes() throws {
        let filter = try BreachedPasswords(path: PasswordFiles.folder + "/common.filter")
        for text in ["password1", "12345678", "qwertyuiop", "iloveyou"] { #expect(Self.contains(filter, text)) }
        #expect(!Self.contains(filter, "walnut harbour quilt"))
        #expect(filter.size < 1 << 20 && filter.count > 50_000)
    }
}

import Foundation
import JSON
import Testing

/// The public collection of parser test files named test_parsing; y: accept, n: refuse, i: implementation's choice.
@Suite("JSON reader: collected test files", .enabled(if: Vectors.exist, "the shared vectors are not beside this clone"))
struct ParsingVectorTests {
    @Test func acceptsWhatMustBeAccepted() throws {
        let files = try Vectors.files("y_")
        #expect(files.count > 90)
        for (name, bytes) in files where Vectors.stricter[name] == nil {
            #expect(throws: Never.self, "\(name)") { try JSONValue(parsing: bytes) }
        }
    }

    @Test func refusesWhatMustBeRefused() throws {
        let files = try Vectors.files("n_")
        #expect(files.count > 180)
        for (name, bytes) in files { #expect(throws: JSONError.self, "\(name)") { try JSONValue(parsing: bytes) } }
    }

    @Test func refusesWhereIJSONIsStricter() throws {
        let files = try Vectors.files("y_")
        for (name, reason) in Vectors.stricter {
            let bytes = try #require(files[name])
            let error = #expect(throws: JSONError.self, "\(name)") { try JSONValue(parsing: bytes) }
            #expect(error?.reason == reason, "\(name)")
        }
    }

    @Test func decidesTheUndecidedTheSameWayEveryTime() throws {
        let files = try Vectors.files("i_")
        #expect(files.count == 35)
        for (name, bytes) in files {
            do {
                let value = try JSONValue(parsing: bytes)
                #expect(Vectors.accepted[name] == value, "\(name)")
            } catch {
                #expect(Vectors.accepted[name] == nil, "\(name)")
            }
        }
    }

    @Test func writesWhatItReadSoThatItReadsTheSame() throws {
        for (name, bytes) in try Vectors.files("y_") where Vectors.stricter[name] == nil {
            let value = try JSONValue(parsing: bytes)
            #expect(try JSONValue(parsing: value.jsonBytes()) == value, "\(name)")
        }
    }
}

private enum Vectors {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/vectors/json/test_parsing").standardizedFileURL

    static let exist = FileManager.default.fileExists(atPath: folder.path())

    static func files(_ prefix: String) throws -> [String: [UInt8]] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasPrefix(prefix) }
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, [UInt8](try Data(contentsOf: folder.appending(path: $0)))) })
    }

    /// Valid by RFC 8259, refused by RFC 7493.
    static let stricter: [String: JSONError.Reason] = [
        // §2.3: member names are unique. A reader that takes the first and one that takes the last disagree.
        "y_object_duplicated_key.json": .duplicateName,
        "y_object_duplicated_key_and_value.json": .duplicateName,
        // §2.1: no noncharacters.
        "y_string_escaped_noncharacter.json": .noncharacter,
        "y_string_last_surrogates_1_and_2.json": .noncharacter,
        "y_string_nonCharacterInUTF-8_U+10FFFF.json": .noncharacter,
        "y_string_nonCharacterInUTF-8_U+FFFF.json": .noncharacter,
        "y_string_unicode_U+10FFFE_nonchar.json": .noncharacter,
        "y_string_unicode_U+1FFFE_nonchar.json": .noncharacter,
        "y_string_unicode_U+FDD0_nonchar.json": .noncharacter,
        "y_string_unicode_U+FFFE_nonchar.json": .noncharacter,
    ]

    /// What the reader takes of the undecided; the rest it refuses: infinite numbers, broken UTF-8, lone surrogates,
    /// byte order marks, depth.
    static let accepted: [String: JSONValue] = [
        "i_number_double_huge_neg_exp.json": [.number(0)],
        "i_number_real_underflow.json": [.number(0)],
        "i_number_too_big_neg_int.json": [.number(-1.23123123123123123e29)],
        "i_number_too_big_pos_int.json": [.number(100_000_000_000_000_000_000)],
        "i_number_very_big_negative_int.json": [
            .number(-2.37462374673276894e47)
        ],
    ]
}

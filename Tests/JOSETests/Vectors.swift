import Foundation
import JSON
import Testing

/// Public test vectors beside the repository, where a clone has them.
enum Vectors {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../shared/vectors").standardizedFileURL

    static let exist = FileManager.default.fileExists(atPath: folder.appending(path: "wycheproof").path())
    static let absence: Comment = "the shared vectors are not beside this clone"

    static func document(_ path: String) throws -> JSONValue {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: path)))
        return try JSONValue(parsing: bytes, limits: JSONLimits(bytes: 4 << 20))
    }

    /// Every test of a Wycheproof file with its group.
    static func wycheproof(_ name: String) throws -> [(group: JSONValue, test: JSONValue)] {
        let groups = try #require(try document("wycheproof/\(name).json")["testGroups"]?.array)
        return groups.flatMap { group in (group["tests"]?.array ?? []).map { (group, $0) } }
    }
}

extension JSONValue {
    /// A member that holds bytes in hexadecimal.
    func hex(_ name: String) throws -> [UInt8] { bytes(hex: try #require(self[name]?.string)) }

    var isValid: Bool { self["result"]?.string == "valid" }
    var number: Int64 { self["tcId"]?.integer ?? 0 }
}

/// Bytes from hexadecimal digits; spaces do not count.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

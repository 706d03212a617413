import Foundation
import JSON
import Testing
import WebAuthn

/// Examples from elsewhere.
enum Vectors {
    private static let here = URL(filePath: #filePath).deletingLastPathComponent()
    private static let shared = here.appending(path: "../../../shared/vectors/cbor").standardizedFileURL

    /// Whether RFC 8949 appendix A is beside the repository.
    static let haveAppendixA = FileManager.default.fileExists(atPath: appendixAFile.path())
    static let absence: Comment = "skipped: the folder shared/vectors/cbor is not beside the repository"
    private static let appendixAFile = shared.appending(path: "appendix_a.json")

    /// RFC 8949 appendix A: the encodings, with what they say in words.
    ///
    /// By hand, since the values have numbers that our JSON reader refuses.
    static func appendixA() throws -> [(encoded: [UInt8], isCanonical: Bool)] {
        let document = try JSONSerialization.jsonObject(with: Data(contentsOf: appendixAFile))
        return try #require(document as? [[String: Any]]).map { entry in
            let encoded = bytes(hex: try #require(entry["hex"] as? String))
            return (encoded, try #require(entry["roundtrip"] as? Bool))
        }
    }

    /// One example of WebAuthn Level 3 §16.
    struct Example: Sendable {
        let name: String
        let json: JSONValue

        func octets(_ ceremony: String, _ name: String) -> [UInt8] {
            bytes(hex: json[ceremony]?[name]?.string ?? "")
        }

        var credentialID: [UInt8] { bytes(hex: json["credentialID"]?.string ?? "") }
    }

    /// WebAuthn Level 3 §16: what an authenticator and a browser make for `example.org`.
    static let level3: [Example] = {
        let file = here.appending(path: "Vectors/level3.json")
        guard let data = try? Data(contentsOf: file), let list = try? JSONValue(parsing: [UInt8](data)).array else {
            return []
        }
        return list.map { Example(name: $0["name"]?.string ?? "", json: $0) }
    }()

    static func level3(_ name: String) throws -> Example { try #require(level3.first { $0.name == name }) }
}

/// Bytes from hexadecimal digits; spaces do not count.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// What a body is refused with; `nil` where it succeeds.
func refusal<Value>(of body: () throws -> Value) -> WebAuthnError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? WebAuthnError
    }
}

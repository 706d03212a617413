import JOSE
import JSON

/// One line of the other side, with its members by kind.
struct Question {
    private let members: JSONObject

    init(_ members: JSONObject) { self.members = members }

    /// What makes a question unanswerable: a mistake of whoever asks, unlike a refusal.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    func has(_ name: String) -> Bool { members[name] != nil }

    func text(_ name: String) throws -> String {
        guard let text = members[name]?.string else { throw Malformed(description: "no text \(name)") }
        return text
    }

    func integer(_ name: String) throws -> Int {
        guard let number = members[name]?.integer else { throw Malformed(description: "no number \(name)") }
        return Int(number)
    }

    func object(_ name: String) throws -> JSONObject {
        guard let object = members[name]?.object else { throw Malformed(description: "no object \(name)") }
        return object
    }

    func texts(_ name: String) throws -> [String] {
        guard let values = members[name]?.array else { throw Malformed(description: "no list \(name)") }
        return values.compactMap(\.string)
    }

    /// Bytes in base64url.
    func bytes(_ name: String) throws -> [UInt8] {
        guard let bytes = Base64URL.decode(try text(name)) else { throw Malformed(description: "no bytes \(name)") }
        return bytes
    }
}

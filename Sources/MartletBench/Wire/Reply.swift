/// A copy of an answer, for set-up: not for speed.
struct Reply {
    let status: Int
    /// Status line and fields, with the empty line.
    let head: [UInt8]
    let body: [UInt8]

    init(copying answer: Answer) {
        status = answer.status
        head = Array(answer.head)
        body = Array(answer.body)
    }

    /// Everything, as it came.
    var bytes: [UInt8] { head + body }

    /// The value of a field.
    func field(_ name: String) -> String? { fields(name).first }

    /// The values of a field that may come several times; names are compared without case.
    func fields(_ name: String) -> [String] {
        let prefix = name.lowercased() + ":"
        return String(decoding: head, as: UTF8.self).split(separator: "\r\n").compactMap { line in
            guard line.lowercased().hasPrefix(prefix) else { return nil }
            return String(line.dropFirst(prefix.count).drop { $0 == " " })
        }
    }

    /// The text of the body between the first `opening` and the next `end`.
    func text(after opening: StaticString, until end: Character) -> String? {
        guard let end = end.asciiValue else { return nil }
        return body.withUnsafeBytes { bytes in
            bytes.value(after: opening, until: end).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// What to show of one that was not expected.
    var excerpt: String {
        let line = String(decoding: head, as: UTF8.self).prefix { $0 != "\r\n" }
        return line + " | " + String(decoding: body, as: UTF8.self).prefix(300)
    }
}

import JSON

/// The messages of one area in one language: `messages/LANGUAGE/AREA.json`, an object of texts by key.
///
/// Every message is a template of its own, named `text/AREA.KEY`, that pages and mails show as a partial.
struct MessageFile: Equatable, Sendable {
    static let folder = "messages"
    static let suffix = ".json"
    /// What the names of messages begin with among the templates.
    static let prefix = "text/"

    let language: Language
    let area: String
    /// The file, as mistakes name it.
    let file: String
    private(set) var texts: [String: String] = [:]

    /// Reads a file; throws every mistake in it.
    init(_ language: Language, _ area: String, file: String, parsing bytes: [UInt8]) throws(PageError) {
        (self.language, self.area, self.file) = (language, area, file)
        let content: JSONValue
        do {
            content = try JSONValue(parsing: bytes)
        } catch {
            throw PageError([
                .init(
                    file: file, position: MessageFile.position(of: error.offset, in: bytes),
                    "not a JSON object of texts: \(error.reason)")
            ])
        }
        guard let members = content.object else {
            throw PageError([.init(file: file, "not a JSON object; write {\"key\": \"text\", …}")])
        }
        var problems: [PageError.Problem] = []
        for member in members {
            if !MessageFile.isName(member.name) {
                problems.append(
                    .init(file: file, "`\(member.name)` is not a key; use letters, digits and hyphens"))
            } else if let text = member.value.string {
                texts[member.name] = text
            } else {
                problems.append(.init(file: file, "`\(member.name)` is not a text; put it into quotation marks"))
            }
        }
        guard problems.isEmpty else { throw PageError(problems) }
    }

    /// The templates' names of the messages, with their keys.
    var names: [(name: String, key: String)] { texts.keys.map { (MessageFile.prefix + area + "." + $0, $0) } }

    /// Whether an area or a key may be called so.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func position(of offset: Int, in bytes: [UInt8]) -> PageError.Position {
        let before = bytes.prefix(max(0, offset))
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return PageError.Position(
            line: before.count { $0 == UInt8(ascii: "\n") } + 1,
            column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1)
    }
}

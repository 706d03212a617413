/// The rows of an export, one after the other: people, whatever their file looks like.
public final class ExportRows {
    /// One row.
    public struct Row: Sendable, Equatable {
        /// Its number, from 1.
        public let number: Int
        /// The line of the file on which it begins, from 1.
        public let line: Int
        /// Where in the file it begins, in bytes from its start.
        public let offset: Int
        /// What it holds.
        public let content: Content
    }

    /// What a row holds.
    public enum Content: Sendable, Equatable {
        /// A JSON text.
        case json([UInt8])
        /// Cells of a table, by the headings of its first line.
        case cells([String: String])
        /// Nothing that can be read: longer than `rowLimit`, or another number of cells than the headings.
        case unreadable(RowRefusal)
    }

    /// The file is damaged where it is, so that nothing behind that can be told apart.
    public struct Damage: Error, Sendable, Equatable, CustomStringConvertible {
        /// The line.
        public let line: Int
        let words: StaticString

        /// What is wrong, without a full stop.
        public var description: String { "line \(line): \(words)" }

        /// By line and words alike.
        public static func == (left: Self, right: Self) -> Bool { left.description == right.description }
    }

    /// The longest row that is read, in bytes.
    public static let rowLimit = 1 << 20

    private enum Shape {
        case unknown
        case lines
        case elements
        case table([String])
        case over
    }

    private let stream: ByteStream
    private let format: ExportFormat
    private var shape = Shape.unknown
    private var count = 0
    /// Whether every cell of the last line of a table was UTF-8.
    private var isText = true
    /// Where the row begins that is being read.
    private var offset = 0

    /// The rows of a file; `fill` answers its next piece, and an empty one at its end.
    public init(_ format: ExportFormat, _ fill: @escaping () throws -> [UInt8]) {
        self.format = format
        stream = ByteStream(fill)
    }

    /// The next row; nil behind the last.
    ///
    /// Throws `Damage`, and what `fill` throws.
    public func next() throws -> Row? {
        if case .unknown = shape { shape = try begin() }
        switch shape {
        case .lines: return try nextLine()
        case .elements: return try nextElement()
        case .table(let headings): return try nextCells(headings)
        case .unknown, .over: return nil
        }
    }

    private func begin() throws -> Shape {
        try stream.skipByteOrderMark()
        let first = try stream.peekBehindSpace()
        if format == .cognito, first != UInt8(ascii: "["), first != UInt8(ascii: "{") {
            guard let headings = try record(), !headings.isEmpty else { return .over }
            guard Set(headings).count == headings.count else { throw damage("a heading comes twice") }
            return .table(headings)
        }
        switch (first, format) {
        case (nil, _): return .over
        case (UInt8(ascii: "["), .keycloak), (UInt8(ascii: "["), .auth0), (UInt8(ascii: "["), .cognito):
            _ = try stream.next()
            return .elements
        case (UInt8(ascii: "{"), .keycloak): return try findList("\"users\"") ? .elements : .over
        case (UInt8(ascii: "{"), .cognito):
            // The answer of an API: one without the list is the answer to something else.
            guard try findList("\"Users\"") else { throw damage("there is no list Users") }
            return .elements
        default: return .lines
        }
    }

    /// Notes that a row begins here, and answers the line.
    private func begins() -> Int {
        offset = stream.offset
        return stream.line
    }

    private func damage(_ words: StaticString) -> Damage { Damage(line: stream.line, words: words) }

    private func row(_ line: Int, _ content: Content) -> Row {
        count += 1
        return Row(number: count, line: line, offset: offset, content: content)
    }

    /// How much of the file has been read, in bytes.
    public var bytesRead: Int { stream.offset }
}

@available(*, unavailable)
extension ExportRows: Sendable {}

// JSON, one text a line.
extension ExportRows {
    private func nextLine() throws -> Row? {
        while try stream.peekBehindSpace() != nil {
            let line = begins()
            var bytes: [UInt8] = []
            var isTooLong = false
            while let byte = try stream.next(), byte != UInt8(ascii: "\n") {
                if bytes.count < ExportRows.rowLimit { bytes.append(byte) } else { isTooLong = true }
            }
            return row(line, isTooLong ? .unreadable(.tooLong) : .json(bytes))
        }
        return nil
    }
}

// One JSON text for all.
extension ExportRows {
    /// Goes to the first element of a member of the object that follows; false where there is none.
    private func findList(_ member: StaticString) throws -> Bool {
        _ = try stream.next()
        if try stream.peekBehindSpace() == UInt8(ascii: "}") { return false }
        while true {
            guard try stream.peekBehindSpace() == UInt8(ascii: "\"") else { throw damage("this is no JSON object") }
            let name = try value()
            guard try stream.peekBehindSpace() == UInt8(ascii: ":") else { throw damage("this is no JSON object") }
            _ = try stream.next()
            if name.map({ $0.elementsEqual("\(member)".utf8) }) == true {
                guard try stream.peekBehindSpace() == UInt8(ascii: "[") else { throw damage("the users are no array") }
                _ = try stream.next()
                return true
            }
            guard try stream.peekBehindSpace() != nil else { throw damage("the file ends too early") }
            _ = try value()
            switch try stream.peekBehindSpace() {
            case UInt8(ascii: ","): _ = try stream.next()
            case UInt8(ascii: "}"): return false
            default: throw damage("this is no JSON object")
            }
        }
    }

    private func nextElement() throws -> Row? {
        let first = try stream.peekBehindSpace()
        if count > 0, first == UInt8(ascii: ",") {
            _ = try stream.next()
            _ = try stream.peekBehindSpace()
        } else if first == UInt8(ascii: "]") {
            shape = .over
            return nil
        } else if count > 0 {
            throw damage(first == nil ? "the file ends too early" : "a comma is missing between two people")
        }
        let line = begins()
        let text = try value()
        return row(line, text.map(Content.json) ?? .unreadable(.tooLong))
    }

    /// The next value as text, whatever it is: its end is all that is looked for; nil where it is too long.
    private func value() throws -> [UInt8]? {
        var bytes: [UInt8] = []
        var isTooLong = false
        var (depth, isInString, isEscaped) = (0, false, false)
        while let byte = try stream.peek() {
            if !isInString, depth == 0, !bytes.isEmpty {
                // A number or a word ends where something else begins.
                if [UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), 0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                    return isTooLong ? nil : bytes
                }
            }
            _ = try stream.next()
            if bytes.count < ExportRows.rowLimit { bytes.append(byte) } else { isTooLong = true }
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if depth == 0 { return isTooLong ? nil : bytes }
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth >= 0 else { throw damage("a bracket closes what was not opened") }
                if depth == 0 { return isTooLong ? nil : bytes }
            default: break
            }
        }
        throw damage("the file ends too early")
    }
}

// Tables: RFC 4180.
extension ExportRows {
    private func nextCells(_ headings: [String]) throws -> Row? {
        while true {
            let line = begins()
            guard let cells = try record() else {
                shape = .over
                return nil
            }
            // A line with nothing on it.
            if cells == [""] && headings.count > 1 { continue }
            guard isText else { return row(line, .unreadable(RowRefusal(.malformed, "no UTF-8"))) }
            guard cells.count == headings.count else { return row(line, .unreadable(.otherCells)) }
            guard cells.reduce(0, { $0 + $1.utf8.count }) <= ExportRows.rowLimit else {
                return row(line, .unreadable(.tooLong))
            }
            return row(line, .cells(Dictionary(zip(headings, cells)) { first, _ in first }))
        }
    }

    /// The cells up to the end of a line that is in no quotes; nil at the end of the file.
    private func record() throws -> [String]? {
        guard try stream.peek() != nil else { return nil }
        var cells: [String] = []
        var (cell, length): ([UInt8], Int) = ([], 0)
        isText = true
        func take(_ byte: UInt8) {
            length += 1
            // The one byte more tells that it was too long.
            if length <= ExportRows.rowLimit + 1 { cell.append(byte) }
        }
        func end() {
            let text = String(validating: cell, as: UTF8.self)
            if text == nil { isText = false }
            cells.append(text ?? "")
            cell = []
        }
        while let byte = try stream.next() {
            switch byte {
            case UInt8(ascii: ","):
                // So many cells has no table.
                guard cells.count < 1000 else { throw damage("this is no table") }
                end()
            case UInt8(ascii: "\n"):
                if cell.last == UInt8(ascii: "\r") { cell.removeLast() }
                end()
                return cells
            case UInt8(ascii: "\"") where cell.isEmpty:
                try quoted(take)
            default: take(byte)
            }
        }
        end()
        return cells
    }

    /// The rest of a cell in quotes, in which two are one.
    private func quoted(_ take: (UInt8) -> Void) throws {
        while let byte = try stream.next() {
            if byte == UInt8(ascii: "\"") {
                guard try stream.peek() == byte else { return }
                _ = try stream.next()
            }
            take(byte)
        }
        throw damage("the file ends within quotes")
    }
}

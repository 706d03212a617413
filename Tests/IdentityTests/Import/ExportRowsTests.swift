import Testing

@testable import Identity

@Suite("Rows of exports")
struct ExportRowsTests {
    /// All rows of a text that comes in pieces of a size.
    private func rows(
        _ text: String, _ format: ExportFormat, pieces: Int = 7
    ) throws -> [ExportRows.Row] {
        var rest = Array(text.utf8)[...]
        let rows = ExportRows(format) {
            defer { rest = rest.dropFirst(pieces) }
            return Array(rest.prefix(pieces))
        }
        var all: [ExportRows.Row] = []
        while let row = try rows.next() { all.append(row) }
        return all
    }

    private func texts(_ rows: [ExportRows.Row]) -> [String] {
        rows.map { row in
            switch row.content {
            case .json(let bytes): String(decoding: bytes, as: UTF8.self)
            case .cells(let cells):
                cells.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "|")
            case .unreadable(let refusal): "unreadable: " + refusal.reason.rawValue
            }
        }
    }

    @Test(arguments: [1, 2, 3, 1000])
    func areLinesOfJSON(_ pieces: Int) throws {
        let found = try rows("\u{FEFF}{\"a\":1}\n\n  {\"b\":\"\\n\"}\r\n[1]\n{\"c\"", .lines, pieces: pieces)
        #expect(texts(found) == ["{\"a\":1}", "{\"b\":\"\\n\"}\r", "[1]", "{\"c\""])
        #expect(found.map(\.line) == [1, 3, 4, 5])
        #expect(found.map(\.number) == [1, 2, 3, 4])
        #expect(found.map(\.offset) == [3, 14, 26, 30])
        #expect(try rows(" \n\n", .lines, pieces: pieces).isEmpty)
    }

    @Test(arguments: [1, 2, 3, 1000])
    func areTheUsersOfARealm(_ pieces: Int) throws {
        let realm = """
            {"realm": "x", "users ": [1], "clients": [{"users": [2]}], "n": -1.5e3, "t": true,
              "users": [
                {"a": "]}\\"\\\\"},
                {"b": [[], {}]} , {"c":1}
              ],
              "more": [{"users": [3]}]
            """
        let found = try rows(realm, .keycloak, pieces: pieces)
        #expect(texts(found) == ["{\"a\": \"]}\\\"\\\\\"}", "{\"b\": [[], {}]}", "{\"c\":1}"])
        #expect(found.map(\.line) == [3, 4, 4])
    }

    @Test func areTheElementsOfAnArray() throws {
        for format in [ExportFormat.keycloak, .auth0] {
            #expect(
                texts(try rows("[{\"a\":1},{\"b\":2}, 3 ,\"x\"]", format)) == ["{\"a\":1}", "{\"b\":2}", "3", "\"x\""])
            #expect(try rows("[]", format).isEmpty)
        }
        #expect(try rows("{}", .keycloak).isEmpty)
        #expect(try rows("{\"realm\": {\"users\": []}}", .keycloak).isEmpty)
    }

    @Test(arguments: [1, 3, 1000])
    func areTheUsersOfAPool(_ pieces: Int) throws {
        let answer = "\u{FEFF} {\n\"PaginationToken\": \"users\", \"Users\": [{\"a\": 1},\n {\"b\": 2}]}"
        #expect(texts(try rows(answer, .cognito, pieces: pieces)) == ["{\"a\": 1}", "{\"b\": 2}"])
        #expect(texts(try rows("[{\"a\":1}]", .cognito, pieces: pieces)) == ["{\"a\":1}"])
        // The answer to another question is not one without people.
        #expect(throws: ExportRows.Damage.self) { try rows("{\"Groups\": []}", .cognito, pieces: pieces) }
        #expect(try rows("{\"Users\": []}", .cognito, pieces: pieces).isEmpty)
    }

    @Test(arguments: [
        "{\"users\": [{\"a\": 1}", "{\"users\": [{\"a\": 1} {\"b\": 2}]}", "{\"users\": 3}", "{\"users\"",
        "{users: []}",
        "[{\"a\":1}", "[{\"a\":\"x", "[}", "{\"a\" 1}", "{\"a\":1 \"users\":[]}",
    ])
    func endWhereTheFileIsDamaged(_ text: String) throws {
        #expect(throws: ExportRows.Damage.self) { try rows(text, .keycloak) }
        #expect(texts(try rows("{\"users\": [{\"a\": 1}]}", .keycloak)) == ["{\"a\": 1}"])
    }

    @Test(arguments: [1, 2, 3, 1000])
    func areTheLinesOfATable(_ pieces: Int) throws {
        let table = "\u{FEFF}email,name\r\na@x.org,\"Ada, \"\"Countess\"\"\r\nof Lovelace\"\r\n\r\nb@x.org\nc@x.org,C"
        let found = try rows(table, .cognito, pieces: pieces)
        #expect(
            texts(found) == [
                "email=a@x.org|name=Ada, \"Countess\"\r\nof Lovelace", "unreadable: wrong_number_of_cells",
                "email=c@x.org|name=C",
            ])
        #expect(found.map(\.line) == [2, 5, 6])
        #expect(throws: ExportRows.Damage.self) { try rows("a,a\n1,2\n", .cognito) }
        #expect(throws: ExportRows.Damage.self) { try rows("a,b\n1,\"2\n", .cognito) }
    }

    @Test func thatAreTooLongAreSteppedOver() throws {
        let long = "{\"a\":\"" + String(repeating: "x", count: ExportRows.rowLimit) + "\"}"
        let lines = try rows("{\"a\":1}\n\(long)\n{\"b\":2}\n", .lines, pieces: 100_000)
        #expect(texts(lines) == ["{\"a\":1}", "unreadable: row_too_long", "{\"b\":2}"])
        let elements = try rows("[{\"a\":1},\(long),{\"b\":2}]", .auth0, pieces: 100_000)
        #expect(texts(elements) == texts(lines))
        let cell = String(repeating: "x", count: ExportRows.rowLimit + 1)
        let cells = try rows("a,b\n1,2\n\(cell),2\n3,4\n", .cognito, pieces: 100_000)
        #expect(texts(cells) == ["a=1|b=2", "unreadable: row_too_long", "a=3|b=4"])
    }

    @Test func ofATableMustBeText() throws {
        var rest = [Array("a,b\nx,".utf8) + [0xC3, 0x28] + Array("\nx,y\n".utf8)]
        let rows = ExportRows(.cognito) { rest.isEmpty ? [] : rest.removeFirst() }
        #expect(try rows.next()?.content == .unreadable(RowRefusal(.malformed, "no UTF-8")))
        #expect(try rows.next()?.content == .cells(["a": "x", "b": "y"]))
        #expect(try rows.next() == nil)
    }
}

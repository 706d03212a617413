import Identity
import JSON
import OAuthTypes
import Stores

/// The rows that were not taken, or not whole, and why: JSON Lines.
struct ImportReport {
    private var bytes: [UInt8] = []

    /// What there is to write, and nothing any more.
    mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// A row that was not taken.
    mutating func refuse(_ row: ExportRows.Row, _ email: Email?, _ refusal: RowRefusal) {
        add {
            $0.member("line", row.line)
            $0.member("row", row.number)
            $0.member("taken", false)
            $0.member("email", email?.rawValue)
            $0.member("reason", refusal.reason.rawValue)
            $0.member("detail", refusal.detail)
        }
    }

    /// A row that was taken without all of it.
    ///
    /// `unlinked` are connectors at which they have an identity that does not open the account, since that was there.
    mutating func leave(_ row: ExportRows.Row, _ person: ImportedPerson, unlinked: [ConnectorID] = []) {
        add {
            $0.member("line", row.line)
            $0.member("row", row.number)
            $0.member("taken", true)
            $0.member("email", person.email.rawValue)
            let lists: [(StaticString, [String])] = [
                ("not_kept", person.left), ("no_connector", person.unknownProviders),
                ("not_linked", unlinked.map(\.rawValue)),
            ]
            for (name, texts) in lists where !texts.isEmpty {
                $0.array(name) { for text in texts { $0.element(text) } }
            }
        }
    }

    /// A row of the file of hashes that belongs to nobody.
    mutating func refuseHash(line: Int) {
        add {
            $0.member("line_of_hashes", line)
            $0.member("taken", false)
            $0.member("reason", "no_such_user")
        }
    }

    private mutating func add(_ members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(appendingTo: bytes)
        writer.object(members)
        bytes = writer.bytes + [UInt8(ascii: "\n")]
    }
}

import Identity
import JOSE
import OAuthTypes
import Stores

/// Rows for spreadsheets: RFC 4180, every cell in quotes.
///
/// A cell that a spreadsheet would take for a formula gets an apostrophe in front: its text may come from strangers.
enum CSVRow {
    static let headings = [
        "sequence", "id", "at", "action", "outcome", "actor", "subject", "client_id", "request_id", "network",
        "details", "digest",
    ]

    static func cells(of linked: LinkedAuditEvent) -> [String] {
        let event = linked.event
        return [
            "\(linked.link.sequence)", event.id, event.at.preciseDate, event.action, event.outcome.rawValue,
            event.actor.text, event.subject?.rawValue ?? "", event.client?.rawValue ?? "", event.requestID ?? "",
            event.network ?? "", event.details ?? "", Base64URL.encode(linked.link.digest.bytes),
        ]
    }

    static func text(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    private static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r\n".unicodeScalars.contains($0) } ?? false
        let quoted = text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        return "\"" + (isFormula ? "'" : "") + quoted + "\""
    }
}

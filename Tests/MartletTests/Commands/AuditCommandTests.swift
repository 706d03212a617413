import MartletTesting
import OAuthTypes
import Stores
import Testing

@testable import Martlet

@Suite("Commands on security events")
struct AuditCommandTests {
    @Test func aSpreadsheetTakesNothingForAFormula() {
        let cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a \"b\", c\nd", "", "127.0.0.1"]
        #expect(
            CSVRow.text(cells)
                == "\"'=1+1\",\"'+1\",\"'-1\",\"'@x\",\"'\tx\",\"'\rx\",\"a \"\"b\"\", c\nd\",\"\",\"127.0.0.1\"\r\n")
    }

    @Test func aRowHasACellForEachHeading() {
        let event = AuditEvent.withEveryFieldSet()
        let link = AuditLink(id: event.id, sequence: 7, digest: .numbered(1))
        let cells = CSVRow.cells(of: LinkedAuditEvent(event: event, link: link))
        #expect(cells.count == CSVRow.headings.count)
        #expect(cells.prefix(2) == ["7", "0006"] && cells.allSatisfy { !$0.isEmpty })
    }

    @Test(arguments: [
        ("2025-06-01T12:00:00Z", 0), ("90m", -5400), ("12h", -43_200), ("7d", -604_800), ("0m", 0),
    ])
    func aMomentIsADateOrHowLongAgo(_ text: String, _ seconds: Int) {
        let now = Timestamp(seconds: 1_748_779_200)
        #expect(Moment(text)?.before(now) == now + .seconds(seconds))
    }

    @Test(arguments: ["", "d", "7", "-7d", "7w", "soon", "1.5h", "99999999999999999999d", "2025-06-01T25:00Z"])
    func whatIsNoMomentIsRefused(_ text: String) {
        #expect(Moment(text) == nil)
    }
}

import Testing

@testable import Pages

@Suite("Pages: moments and pictures")
struct ShownMomentTests {
    @Test(
        arguments: [
            (0, "1 January 1970, 00:00 UTC", "1970-01-01T00:00:00Z"),
            (951_782_399, "28 February 2000, 23:59 UTC", "2000-02-28T23:59:59Z"),
            (951_782_400, "29 February 2000, 00:00 UTC", "2000-02-29T00:00:00Z"),
            (1_748_779_267, "1 June 2025, 12:01 UTC", "2025-06-01T12:01:07Z"),
            (4_107_542_400, "1 March 2100, 00:00 UTC", "2100-03-01T00:00:00Z"),
            (.min, "1 January 1970, 00:00 UTC", "1970-01-01T00:00:00Z"),
            (.max, "31 December 9999, 23:59 UTC", "9999-12-31T23:59:59Z"),
        ] as [(Int64, String, String)])
    func aMomentIsShownInUTC(_ seconds: Int64, _ text: String, _ machine: String) throws {
        let moment = ShownMoment(seconds: seconds)
        #expect(moment.machine == machine)
        let session = AccountSessionsPage.Entry(
            device: "", network: nil, started: moment, lastUsed: moment, clients: [], isCurrent: true, handle: "")
        let page = AccountSessionsPage(frame: .example, sessions: [session], csrf: "t")
        let html = String(decoding: try ShownPage.set().render(page), as: UTF8.self)
        #expect(html.contains("<time datetime=\"\(machine)\">\(text)</time>"))
    }

    @Test func aQRCodeIsDrawnInRuns() {
        let picture = QRPicture(rows: [[true, true, false], [false, false, false], [true, false, true]])
        #expect(picture.size == 11)
        #expect(picture.path == "M4 4h2v1h-2zM4 6h1v1h-1zM6 6h1v1h-1z")
        #expect(QRPicture(rows: []).path == "")
    }
}

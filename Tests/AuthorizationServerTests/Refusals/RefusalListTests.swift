import Foundation
import OAuthTypes
import Testing

/// Every refusal there is, in a closed list: what is new has to be written down here with its section and its advice.
@Suite("The list of refusals")
struct RefusalListTests {
    /// What has no nearest valid thing: the person's choice, or a state of ours that passes.
    private static let withoutAdvice: Set<String> = [
        "the person did not allow the request",
        "the client was changed by another request; try again",
        "too many request objects are being fetched; try again",
        // Failures, whose cause is in the log.
        "the client has no key that this answer could be encrypted to",
        "the server cannot reach its records; try again", "the server failed; its log knows why",
        "the server failed; its log knows the request", "the server is busy; try again in a moment",
        "the server has too much to do; try again in a moment", "the content is too large",
    ]

    @Test("Sources and list are the same: code, sentence, section, and where advice comes from")
    func theListIsClosed() throws {
        var found: Set<String> = []
        for site in try RefusalSource(["AuthorizationServer", "OAuthTypes", "Web"]).sites {
            // Handed on: of a failure, of a request object's refusal.
            guard let sentence = site.sentence else { continue }
            found.insert("\(site.code) | \(sentence) | \(site.rule ?? "handed on") | \(site.help)")
        }
        let listed = Set(RefusalList.text.split(separator: "\n").map(String.init))
        #expect(found.subtracting(listed).sorted() == [], "not in the list")
        #expect(listed.subtracting(found).sorted() == [], "no longer in the sources")
    }

    @Test("Each has a section, and advice unless there is nothing that would have been right")
    func eachHasASectionAndAdvice() throws {
        for line in RefusalList.text.split(separator: "\n") {
            let parts = line.components(separatedBy: " | ")
            try #require(parts.count == 4)
            #expect(OAuthError.Code.allCases.contains { "\($0)" == parts[0] }, "\(line)")
            let isHandedOn = parts[2] == "handed on"
            #expect(isHandedOn || parts[2].contains("§") || parts[2].contains("appendix"), "\(line)")
            #expect(parts[3] != "nothing" || Self.withoutAdvice.contains(parts[1]), "\(line)")
        }
    }
}

import Testing

@testable import JOSE

@Suite("Headers that were read lately")
struct RecentHeadersTests {
    private func read(_ header: String) throws(JOSEError) -> JOSEHeader {
        try RecentHeaders.header(Base64URL.encode(Array(header.utf8)).utf8.span)
    }

    /// Far more than are kept, so that most push another one out; each twice, so that some are remembered.
    @Test func eachIsReadAsItIs() throws {
        for _ in 0..<2 {
            for number in 0..<200 {
                let header = #"{"alg":"ES256","kid":"\#(number)","typ":"JWT"}"#
                for _ in 0..<2 {
                    let read = try read(header)
                    #expect(read.keyID == "\(number)" && read.algorithm == "ES256" && read.type == "JWT")
                }
                let same = try JOSEHeader(parsing: Array(header.utf8))
                #expect(try read(header) == same)
            }
        }
    }

    @Test func oneThatDiffersInAnyCharacterIsAnother() throws {
        let header = #"{"alg":"RS256","kid":"0123456789","typ":"at+jwt"}"#
        let known = try read(header)
        for place in header.indices {
            var changed = header
            changed.replaceSubrange(place...place, with: header[place] == "x" ? "y" : "x")
            if let other = try? read(changed) { #expect(other != known) }
        }
        #expect(try read(header) == known)
    }

    @Test func aRefusalIsNotForgotten() throws {
        for _ in 0..<3 {
            #expect(throws: JOSEError.malformedHeader) { try read(#"{"alg":1}"#) }
            #expect(throws: JOSEError.criticalExtension) { try read(#"{"alg":"ES256","crit":["b64"],"b64":false}"#) }
            #expect(throws: JOSEError.malformedToken) { try RecentHeaders.header("e30=".utf8.span) }
            #expect(try read(#"{"alg":"ES256"}"#).algorithm == "ES256")
        }
    }

    /// Longer ones than are kept.
    @Test func longOnesAreReadAnewEachTime() throws {
        let name = String(repeating: "k", count: 1000)
        for _ in 0..<2 {
            #expect(try read(#"{"alg":"ES256","kid":"\#(name)"}"#).keyID == name)
            #expect(try read(#"{"alg":"ES256","kid":"\#(name)l"}"#).keyID == name + "l")
        }
    }
}

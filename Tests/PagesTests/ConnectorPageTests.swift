import Testing

@testable import Pages

@Suite("What pages say of other providers")
struct ConnectorPageTests {
    private func page(_ problem: ConnectorProblem?) -> SignInPage {
        SignInPage(
            clientName: nil, account: .anyone(email: ""), csrf: "t", action: "/i/1", connectors: [],
            connectorProblem: problem)
    }

    @Test(arguments: ["en", "de"])
    func everyProblemHasWordsOfItsOwn(_ tag: String) throws {
        let set = try ShownPage.set()
        let language = set.language(tagged: tag)
        let without = String(decoding: try set.render(page(nil), in: language), as: UTF8.self)
        #expect(!without.contains("connector-problem"))
        var seen: Set<String> = []
        for kind in ConnectorProblem.Kind.allCases {
            let html = String(
                decoding: try set.render(page(ConnectorProblem(kind.rawValue, name: "Nordwind")), in: language),
                as: UTF8.self)
            let start = try #require(html.firstRange(of: "id=\"connector-problem\"")?.upperBound)
            let words = String(html[start...].prefix(while: { _ in true }).split(separator: "</div>")[0])
            #expect(words.contains("<strong>"), "\(kind)")
            #expect(seen.insert(words).inserted, "\(kind)")
        }
    }

    @Test func aNameOfAProviderIsText() throws {
        let set = try ShownPage.set()
        let button = ConnectorButton(id: "x", name: "<b>&\"", preset: nil, url: "/with/x", isResting: true)
        let page = SignInPage(
            clientName: nil, account: .anyone(email: ""), csrf: "t", action: "/", connectors: [button],
            connectorProblem: ConnectorProblem("failed", name: "<b>"), linking: "<b>")
        let html = String(decoding: try set.render(page), as: UTF8.self)
        #expect(!html.contains("<b>") && html.contains("&lt;b&gt;"))
    }
}

import Testing

@testable import Mustache
@testable import Pages

@Suite("Pages: a set checks itself when it is made")
struct PageSetTests {
    let folder = TemplateFolder(reading: ShownPage.folder)

    @Test func everyPageRendersItsExample() throws {
        let set = try PageSet(folder)
        for page in PageSet.pages {
            let html = String(decoding: try set.render(page.example), as: UTF8.self)
            #expect(html.hasSuffix("</html>\n"), "\(page)")
        }
    }

    @Test func templatesAndPagesAreTheSame() {
        let roots = folder.sources.keys.filter { !$0.contains("/") }.sorted()
        #expect(roots == PageSet.pages.map { $0.template }.sorted())
    }

    @Test func everyPartialIsUsed() {
        let all = folder.sources.values.joined() + folder.messages.flatMap(\.texts.values).joined()
        for name in folder.sources.keys where name.hasPrefix("partials/") {
            #expect(all.contains("{{>\(name)}}") || all.contains("{{<\(name)}}"), "\(name)")
        }
    }

    @Test func reportsAllMistakesAtOnce() throws {
        _ = try PageSet(folder)

        var broken = folder
        broken.sources["sign-in"] = "{{clientName}}\n  {{clientNmae}}"
        broken.sources["consent"] = "é{{>partials/none}}{{csrf}"
        broken.sources["error"] =
            "{{<partials/layout}}{{$mian}}{{title}}{{/mian}}{{/partials/layout}}\n{{>partials/none}}"
        broken.sources["stray"] = ""
        broken.sources["home"] = nil
        broken.assets.removeAll { $0.name == "script.js" }
        let error = ShownPage.mistakes(in: broken)

        let places = error?.problems.map { problem in
            problem.file + (problem.position.map { ":\($0.line):\($0.column)" } ?? "")
        }
        #expect(
            places == [
                "consent.mustache:1:20", "error.mustache:1:21", "error.mustache:2:1", "home.mustache",
                "sign-in.mustache:2:3", "static/script.js", "stray.mustache",
            ]
        )
        #expect(error?.description.contains("sign-in.mustache:2:3: the model has no `clientNmae`") == true)
    }

    @Test func blamesABrokenPartialOnceAndNotItsUsers() {
        var broken = folder
        broken.sources["partials/head"] = "\n{{#open}}"
        let error = ShownPage.mistakes(in: broken)
        #expect(error?.problems.map(\.file) == ["partials/head.mustache"])
        #expect(error?.problems.first?.position == PageError.Position(line: 2, column: 1))
    }

    @Test func refusesAPageThatHidesACommonKey() {
        struct Greedy: Page {
            static let template = "greedy"
            static var example: Greedy { Greedy() }
            var value: MustacheValue { ["styleURL": "/elsewhere.css"] }
        }
        var small = folder
        small.sources = ["greedy": "{{styleURL}}"]
        small.messages = []
        let error = ShownPage.mistakes(in: small, pages: [Greedy.self], mails: [], files: [])
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains("hides the common key `styleURL`") == true)
    }

    @Test func givesTemplatesTheAddressesOfStyleScriptAndIcon() throws {
        let set = try PageSet(folder, basePath: "/realm")
        let markup = Markup(String(decoding: try set.render(SignedOutPage()), as: UTF8.self))
        let style = try #require(set.assets["style.css"])
        let links = markup.all("link").compactMap { $0.attributes["href"] }
        #expect(links.contains("/realm/static/style.css?v=\(style.hash)"))
        #expect(links.contains { $0.hasPrefix("/realm/static/favicon.svg?v=") })
        #expect(markup.all("script").first?.attributes["src"]?.hasPrefix("/realm/static/script.js?v=") == true)
    }

    @Test func mailsAndTheirTemplatesAreTheSame() {
        let names = folder.sources.keys.filter { $0.hasPrefix("mail/") && $0 != "mail/layout" }.sorted()
        #expect(names == PageSet.mails.flatMap { ["mail/\($0.template).html", "mail/\($0.template).text"] }.sorted())
    }

    @Test func textFilesAndTheirTemplatesAreTheSame() throws {
        #expect(
            folder.sources.keys.filter { $0.hasPrefix("files/") }.sorted() == PageSet.files.map { $0.path }.sorted())
        for language in try ShownPage.set().languages {
            let text = try ShownPage.set().render(RecoveryCodesFile.example, in: language)
            #expect(text.contains("mara.lindqvist@example.org") && text.hasSuffix("\n\n0h3k-9x2m-7qpt-v5ad\n"))
        }
        var broken = folder
        broken.sources["files/recovery-codes"] = "{{nothing}}"
        #expect(ShownPage.mistakes(in: broken)?.problems.map(\.file) == ["files/recovery-codes.mustache"])
        broken.sources["files/recovery-codes"] = nil
        #expect(ShownPage.mistakes(in: broken)?.problems.map(\.file) == ["files/recovery-codes.mustache"])
    }

    @Test func reportsTheMistakesOfMails() throws {
        var broken = folder
        broken.sources["mail/sign-up.text"] = "{{cod}}"
        broken.sources["mail/test.html"] = nil
        broken.sources["mail/stray.html"] = ""
        let error = ShownPage.mistakes(in: broken)
        #expect(
            error?.problems.map(\.file).sorted() == [
                "mail/sign-up.text.mustache", "mail/stray.html.mustache", "mail/test.html.mustache",
            ])
    }
}

import Testing

@testable import Pages

@Suite("Pages: what WCAG 2.2 AA asks of the markup")
struct AccessibilityTests {
    @Test(arguments: ShownPage.all)
    func carriesItsElementIDsOnce(_ shown: ShownPage) throws {
        let ids = Markup(try shown.html()).ids
        #expect(shown.ids.subtracting(ids) == [])
        #expect(shown.absent.intersection(ids) == [])
        #expect(Set(ids).count == ids.count, "an id stands twice: \(ids.sorted())")
    }

    @Test(arguments: ShownPage.all)
    func namesEveryControl(_ shown: ShownPage) throws {
        let markup = Markup(try shown.html())
        let labelled = Set(markup.all("label").filter { !$0.text.isEmpty }.compactMap { $0.attributes["for"] })
        for input in markup.all("input") where input.attributes["type"] != "hidden" && input.attributes["hidden"] == nil
        {
            #expect(labelled.contains(input.id ?? ""), "no label for \(input.attributes)")
        }
        for button in markup.all("button") where button.text.allSatisfy(\.isWhitespace) {
            // The account buttons are named by the elements inside of them.
            #expect(button.attributes["class"]?.hasPrefix("account") == true, "no name on \(button.attributes)")
        }
        for button in markup.all("button") {
            #expect(["submit", "button"].contains(button.attributes["type"] ?? ""))
        }
    }

    @Test(arguments: ShownPage.all)
    func refersOnlyToElementsThatAreThere(_ shown: ShownPage) throws {
        let markup = Markup(try shown.html())
        let ids = Set(markup.ids)
        for attribute in ["for", "aria-describedby", "aria-labelledby", "aria-controls", "data-copy"] {
            for target in markup.elements.compactMap({ $0.attributes[attribute] }) {
                #expect(ids.contains(target), "\(attribute) points at \(target)")
            }
        }
    }

    @Test(arguments: ShownPage.all)
    func hasOneHeadingATitleAndALanguage(_ shown: ShownPage) throws {
        let html = try shown.html()
        let markup = Markup(html)
        #expect(html.hasPrefix("<!DOCTYPE html>\n"))
        #expect(markup.all("h1").count == 1)
        #expect(markup.all("main").count == 1)
        #expect(markup.all("html").first?.attributes["lang"] == "en")
        #expect(markup.all("meta").contains { $0.attributes["name"] == "viewport" })
        #expect(markup.all("meta").contains { $0.attributes["name"] == "color-scheme" })
        let title = try #require(markup.all("title").first).text
        #expect(title.hasSuffix(" · Martlet") && title.count > " · Martlet".count && !title.contains("\n"))
        #expect(markup.elements.filter { $0.attributes["autofocus"] != nil }.count <= 1)
        #expect(markup.elements.allSatisfy { (Int($0.attributes["tabindex"] ?? "0") ?? 1) == 0 })
    }

    @Test func helpsPasswordManagersAndPhones() throws {
        let markup = Markup(try ShownPage.signIn[0].html())
        let email = try #require(markup["email"]).attributes
        #expect(email["type"] == "email" && email["inputmode"] == "email" && email["autocomplete"] == "username")
        #expect(email["autofocus"] != nil)
        let password = try #require(markup["password"]).attributes
        #expect(password["type"] == "password" && password["autocomplete"] == "current-password")
        #expect(password["maxlength"] == nil && password["onpaste"] == nil)
        #expect(markup["show-password"]?.attributes["hidden"] != nil)
    }

    @Test func announcesAWrongPasswordAndMovesTheFocusToIt() throws {
        let wrong = Markup(try ShownPage.signIn[2].html())
        #expect(wrong["error"]?.attributes["role"] == "alert")
        #expect(wrong["password"]?.attributes["aria-describedby"] == "error")
        #expect(wrong["password"]?.attributes["aria-invalid"] == "true")
        #expect(wrong["password"]?.attributes["autofocus"] != nil)
        #expect(wrong.all("title").first?.text.hasPrefix("Error: ") == true)

        let first = Markup(try ShownPage.signIn[0].html())
        #expect(first["password"]?.attributes["aria-invalid"] == nil)
        #expect(first.all("title").first?.text.hasPrefix("Error: ") == false)
    }

    @Test func givesRefusalAndConsentTheSameWeight() throws {
        let markup = Markup(try ShownPage.consent[0].html())
        var allow = try #require(markup["allow"]).attributes
        var deny = try #require(markup["deny"]).attributes
        #expect(allow["value"] == "allow" && deny["value"] == "deny" && allow["name"] == "decision")
        for key in ["id", "value"] {
            allow[key] = nil
            deny[key] = nil
        }
        #expect(allow == deny)
    }

    @Test func tellsWhereConsentLeadsAndWhatItMeans() throws {
        let device = try ShownPage.consent[0].html()
        #expect(device.contains("An app on this device") && device.contains("com.example.sundial"))
        #expect(device.contains("See your e-mail address") && device.contains("Read your calendar"))
        #expect(device.contains("<code>reports:export</code>"))
        let website = try ShownPage.consent[1].html()
        #expect(!website.contains("An app on this device") && website.contains("sundial.example"))
        #expect(!website.contains("See your e-mail address"))
    }
}

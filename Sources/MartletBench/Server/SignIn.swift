/// What a browser does to sign in, as three requests that each follow from the answer before.
struct SignIn {
    private(set) var cookies: [String] = []
    private let port: UInt16
    /// Sent with every request.
    private let fields: [String]

    /// A browser; `field` is sent with each of its requests.
    init(port: UInt16, from field: String? = nil) {
        self.port = port
        fields = field.map { [$0] } ?? []
    }

    /// The authorization request of a browser that nobody knows.
    func start(_ address: AuthorizationAddress) -> [UInt8] { RequestText.get(address.target, port: port, fields) }

    /// The request for the page that an answer leads to; nil if it leads to none.
    mutating func page(after answer: Reply) -> [UInt8]? {
        guard answer.status == 303, let location = answer.field("Location"), location.contains("/interaction/") else {
            return nil
        }
        keepCookies(of: answer)
        return RequestText.get(path(of: location), port: port, fields + [cookieField])
    }

    /// The request that posts the password into the form of a page; nil if the page has no such form.
    func post(
        into page: Reply, email: String = Installation.email, password: String = Installation.password
    ) -> [UInt8]? {
        guard page.status == 200, let action = page.text(after: "action=\"", until: "\""),
            let token = page.text(after: "name=\"csrf\" value=\"", until: "\"")
        else { return nil }
        let form = Form.encode([
            ("csrf", token), ("email", email),
            ("password", password),
        ])
        return RequestText.post(path(of: action), form: form, port: port, fields + [cookieField])
    }

    /// Whether an answer takes the browser back to the application with a code.
    static func isDone(_ answer: Reply) -> Bool {
        answer.status == 303 && answer.field("Location")?.hasPrefix(Installation.redirectURI + "?code=") == true
    }

    /// Signs in and keeps the session: the cookies of the browser then.
    static func session(_ address: AuthorizationAddress, port: UInt16) throws -> String {
        let conversation = try Conversation(port: port)
        var browser = SignIn(port: port)
        let first = try conversation.ask(browser.start(address))
        guard let request = browser.page(after: first) else { throw BenchFailure("/authorize: \(first.excerpt)") }
        let page = try conversation.ask(request)
        guard let post = browser.post(into: page) else { throw BenchFailure("the sign-in page: \(page.excerpt)") }
        let answer = try conversation.ask(post)
        guard isDone(answer) else { throw BenchFailure("the sign-in: \(answer.excerpt)") }
        browser.keepCookies(of: answer)
        return browser.cookieField
    }

    private mutating func keepCookies(of answer: Reply) {
        cookies += answer.fields("Set-Cookie").map { line in String(line.prefix { $0 != ";" }) }
    }

    private var cookieField: String { "Cookie: " + cookies.joined(separator: "; ") }

    private func path(of address: String) -> String {
        let origin = "http://127.0.0.1:\(port)"
        return address.hasPrefix(origin) ? String(address.dropFirst(origin.count)) : address
    }
}

public import Mustache

/// The outcome of a demo sign-in in development mode: every message, the tokens decoded, what can be done next.
public struct PlaygroundPage: Page {
    /// One message and its answer.
    public struct Step: Equatable, Sendable {
        /// What a message is for.
        public enum Title: String, CaseIterable, Sendable {
            /// Reading the discovery document.
            case discovery
            /// Sending the browser to the authorization endpoint.
            case authorization
            /// The browser comes back.
            case callback
            /// Redeeming the code.
            case token
            /// Refreshing the tokens.
            case refreshing
            /// Asking who signed in.
            case asking
        }

        /// What it is for.
        public let title: Title
        /// The method, such as `POST`.
        public let method: String
        /// The whole address.
        public let url: String
        /// The request's header lines and body; nil where the address says it all.
        public let request: String?
        /// The response's status, header lines and body; nil where none came.
        public let response: String?

        /// A step.
        public init(title: Title, method: String, url: String, request: String? = nil, response: String? = nil) {
            self.title = title
            self.method = method
            self.url = url
            self.request = request
            self.response = response
        }

        var value: MustacheValue {
            var members: [String: MustacheValue] = [
                "method": .string(method), "url": .string(url), "request": .init(request), "response": .init(response),
            ]
            for title in Title.allCases { members[title.rawValue] = .bool(title == self.title) }
            return .object(members)
        }
    }

    /// A decoded JSON Web Token.
    public struct Token: Equatable, Sendable {
        /// Which token.
        public enum Kind: Equatable, Sendable {
            /// The ID token.
            case id
            /// The access token.
            case access
        }

        /// Which token.
        public let kind: Kind
        /// The header, pretty printed.
        public let header: String
        /// The payload, pretty printed.
        public let payload: String

        /// A token.
        public init(_ kind: Kind, header: String, payload: String) {
            self.kind = kind
            self.header = header
            self.payload = payload
        }

        var value: MustacheValue {
            [
                "isIDToken": .bool(kind == .id), "isAccessToken": .bool(kind == .access), "header": .string(header),
                "payload": .string(payload),
            ]
        }
    }

    /// Why the sign-in did not finish.
    public struct Problem: Equatable, Sendable {
        /// The error code of the response.
        public let code: String
        /// Its description, in the words of the protocol; nil where there is none.
        public let message: String?

        /// The answer does not belong to the sign-in.
        public static let stateMismatch = Problem(code: "state_mismatch")
        /// The ID token does not verify.
        public static let invalidIDToken = Problem(code: "invalid_id_token")
        /// No token came back.
        public static let invalidAnswer = Problem(code: "invalid_answer")

        /// A problem.
        public init(code: String, message: String? = nil) {
            self.code = code
            self.message = message
        }

        var value: MustacheValue {
            [
                "code": .string(code), "message": .init(message), "stateMismatch": .bool(self == .stateMismatch),
                "invalidIDToken": .bool(self == .invalidIDToken), "invalidAnswer": .bool(self == .invalidAnswer),
            ]
        }
    }

    /// The form that uses the refresh token; posts `csrf`.
    public struct Refresh: Equatable, Sendable {
        /// Where it is posted to.
        public let action: String
        /// The token against forged posts.
        public let csrf: String

        /// A form.
        public init(action: String, csrf: String) {
            self.action = action
            self.csrf = csrf
        }
    }

    /// The page's template.
    public static let template = "playground"

    /// Why it did not finish; nil when it did.
    public let problem: Problem?
    /// The messages, in order.
    public let steps: [Step]
    /// The tokens that came out.
    public let tokens: [Token]
    /// The UserInfo response, pretty printed.
    public let userInfo: String?
    /// The way to new tokens.
    public let refresh: Refresh?
    /// Where another sign-in starts.
    public let startURL: String
    /// Where to sign out.
    public let signOutURL: String?

    /// A page.
    public init(
        problem: Problem? = nil,
        steps: [Step],
        tokens: [Token] = [],
        userInfo: String? = nil,
        refresh: Refresh? = nil,
        startURL: String,
        signOutURL: String? = nil
    ) {
        self.problem = problem
        self.steps = steps
        self.tokens = tokens
        self.userInfo = userInfo
        self.refresh = refresh
        self.startURL = startURL
        self.signOutURL = signOutURL
    }

    /// What the template is rendered with.
    public var value: MustacheValue {
        [
            "problem": problem.map { $0.value } ?? nil,
            "hasSteps": .bool(!steps.isEmpty),
            "steps": .list(steps.map(\.value)),
            "hasResults": .bool(!tokens.isEmpty || userInfo != nil),
            "tokens": .list(tokens.map(\.value)),
            "userInfo": .init(userInfo),
            "refresh": refresh.map { ["action": .link($0.action), "csrf": .string($0.csrf)] } ?? nil,
            "startURL": .link(startURL),
            "signOutURL": .link(signOutURL),
        ]
    }
}

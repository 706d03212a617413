/// What a node does for people and their applications.
enum SizingOperation: String, Sendable, CaseIterable {
    case signIn
    case codeFlow
    case refresh
    case verification

    /// HTTP requests that it takes, each of which has its price beside the work.
    var requests: Int {
        switch self {
        case .signIn: 4  // request, page, password, tokens
        case .codeFlow: 2  // request, tokens
        case .refresh: 1
        case .verification: 0  // done by whoever is shown a token, without asking us
        }
    }

    /// Several of them, for people.
    var plural: String {
        switch self {
        case .signIn: "sign-ins"
        case .codeFlow: "code flows"
        case .refresh: "refreshes"
        case .verification: "token verifications"
        }
    }

    /// Several of them, for programs.
    var member: StaticString {
        switch self {
        case .signIn: "sign_ins"
        case .codeFlow: "code_flows"
        case .refresh: "refreshes"
        case .verification: "verifications"
        }
    }
}

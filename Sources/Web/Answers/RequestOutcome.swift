import HTTP
public import OAuthTypes

/// What came of a request, for the counters.
public enum RequestOutcome: Sendable, Hashable {
    /// Tokens were issued by this grant.
    case issued(GrantType)
    /// Somebody tried to sign in.
    case signIn(SignIn)

    /// What came of an attempt to sign in.
    public enum SignIn: String, Sendable, CaseIterable {
        /// The person is who they say.
        case succeeded
        /// The password is another, or nobody has this address.
        case refused
        /// Too many hashes were waiting.
        case busy
        /// Too many attempts had failed.
        case limited
    }

    /// All there are; the place of one, counted from 1, is its number in the notes of an answer.
    public static let all: [RequestOutcome] = GrantType.allCases.map(issued) + SignIn.allCases.map(signIn)

    private static let numbers = Dictionary(uniqueKeysWithValues: zip(all, UInt8(1)...))

    /// The number in the notes of an answer.
    var number: UInt8 { Self.numbers[self] ?? 0 }
}

extension Response {
    /// The same answer, with a note of what came of the request.
    func noting(_ outcome: RequestOutcome) -> Response {
        var response = self
        response.notes.outcome = outcome.number
        return response
    }
}

import HTTP
import Identity
import JSON

/// Why a call was not answered as its caller hoped: RFC 9457.
struct AuthProblem: Error, Sendable {
    /// What went wrong: a stable word for programs.
    enum Code: String, Sendable, CaseIterable {
        case invalidRequest, unsupportedMediaType, unfit, invalidScope
        case invalidClient, invalidToken, invalidRefreshToken
        case clientNotAllowed, originNotAllowed, notOffered
        case wrongCredentials, wrongCode, challengeRequired, challengeFailed, freshSignInNeeded,
            accountFrozen, insufficientScope, notAdmitted
        case registrationOver, codeOver, sessionOver, linkOver
        case secondFactorIsOn, secondFactorIsOff, setUpNotBegun
        case tooManyAttempts, tooManyMails
        case notFound, methodNotAllowed, tooLarge, failure, busy

        var status: Status {
            switch self {
            case .invalidRequest: .badRequest
            case .unsupportedMediaType: .unsupportedMediaType
            case .unfit, .invalidScope: .unprocessableContent
            case .invalidClient, .invalidToken, .invalidRefreshToken: .unauthorized
            case .clientNotAllowed, .originNotAllowed, .notOffered, .wrongCredentials, .wrongCode, .challengeRequired,
                .challengeFailed, .freshSignInNeeded, .accountFrozen, .insufficientScope, .notAdmitted:
                .forbidden
            case .registrationOver, .codeOver, .sessionOver, .linkOver: .gone
            case .secondFactorIsOn, .secondFactorIsOff, .setUpNotBegun: .conflict
            case .tooManyAttempts, .tooManyMails: .tooManyRequests
            case .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .tooLarge: .contentTooLarge
            case .failure: .internalServerError
            case .busy: .serviceUnavailable
            }
        }

        /// One sentence for the developer of the client.
        var title: String {
            switch self {
            case .invalidRequest: "The request is not what the document describes."
            case .unsupportedMediaType: "The content type must be application/json."
            case .unfit: "A value cannot be used."
            case .invalidScope: "The client may not have the scope, or it does not exist."
            case .invalidClient: "The client is unknown or did not prove who it is."
            case .invalidToken: "Nobody is signed in, or no longer."
            case .invalidRefreshToken: "The refresh token is missing, unknown, spent or revoked."
            case .clientNotAllowed: "The client may not sign people in itself."
            case .originNotAllowed: "The request does not come from a page of the client."
            case .notOffered: "This server does not offer that."
            case .wrongCredentials: "The address or the password is wrong."
            case .wrongCode: "The code is wrong, or was used before."
            case .challengeRequired: "A proof of work is needed first."
            case .challengeFailed: "The proof of work is wrong, too old or was used before."
            case .freshSignInNeeded: "The person has to sign in anew, with both factors where there are two."
            case .accountFrozen:
                "Its owner said that a sign-in was not theirs: for a day its second factor stays as it is."
            case .insufficientScope: "The access token has not the scope that this needs."
            case .notAdmitted:
                "A directory has proven the person, whom it opens no account yet: the page of this server says why."
            case .registrationOver: "The registration was finished, replaced or came too late."
            case .codeOver: "No code works any more; another mail may be asked for."
            case .sessionOver: "The session token was used or came too late."
            case .linkOver: "The token was used, replaced or came too late."
            case .secondFactorIsOn: "The account has a second factor already."
            case .secondFactorIsOff: "The account has no second factor."
            case .setUpNotBegun: "No set-up has begun, or it took too long."
            case .tooManyAttempts: "Too many attempts failed."
            case .tooManyMails: "Too many mails were asked for."
            case .notFound: "There is no such address."
            case .methodNotAllowed: "The address does not take that method."
            case .tooLarge: "The content is larger than any that the document describes."
            case .failure: "The server failed; its log knows the support code."
            case .busy: "The server is busy."
            }
        }
    }

    let code: Code
    /// Which values are meant.
    var errors: [Field] = []
    /// Seconds after which the same request may succeed.
    var retryAfter: Int?
    /// How many guesses are left.
    var attemptsLeft: Int?
    /// What to solve.
    var challenge: WorkPuzzle?

    /// A value that is meant.
    struct Field: Sendable {
        /// RFC 6901.
        let pointer: String
        /// Why a password is not taken, in the words of the page.
        var reasons: [String] = []
    }

    init(_ code: Code, at pointers: [String] = []) {
        self.code = code
        errors = pointers.map { Field(pointer: $0) }
    }

    static func tooManyMails(_ wait: Duration) -> AuthProblem {
        var problem = AuthProblem(.tooManyMails)
        problem.retryAfter = Failure.seconds(wait)
        return problem
    }

    static func tooManyAttempts(_ wait: Duration) -> AuthProblem {
        var problem = AuthProblem(.tooManyAttempts)
        problem.retryAfter = Failure.seconds(wait)
        return problem
    }
}

import HTTP
import OAuthTypes

/// A page of a person's own account that signing in can lead to: a closed list, so that no address from outside is
/// ever followed.
enum AccountPlace: String, Sendable, CaseIterable {
    case overview, profile, sessions, apps, security, password, passwordRemoval, email, deletion

    static let root = "/account"
    static let signIn = root + "/sign-in"
    /// Keeps an account that is to be deleted.
    static let stay = root + "/stay"

    /// Its path below the issuer.
    var path: String {
        switch self {
        case .overview: AccountPlace.root
        case .profile: AccountPlace.root + "/profile"
        case .sessions: AccountPlace.root + "/sessions"
        case .apps: AccountPlace.root + "/apps"
        case .security: AccountPlace.root + "/security"
        case .password: AccountPlace.root + "/security/password"
        case .passwordRemoval: AccountPlace.root + "/security/password/remove"
        case .email: AccountPlace.root + "/security/email"
        case .deletion: AccountPlace.root + "/security/delete"
        }
    }

    /// Whether who comes must have proven only minutes ago who they are (ASVS 7.5.1).
    var needsFreshProof: Bool {
        switch self {
        case .overview, .profile, .sessions, .apps: false
        case .security, .password, .passwordRemoval, .email, .deletion: true
        }
    }

    /// What follows the path of a sign-in page, so that it leads here.
    var query: String { "?to=" + rawValue }

    /// The place that a sign-in page was asked for; the overview where it names none.
    init(of request: Request) {
        let parameters = try? request.queryParameters()
        self = parameters?[Parameter("to")].flatMap { AccountPlace(rawValue: $0) } ?? .overview
    }
}

extension Request {
    /// Whether a page of the second factor is asked for with recovery codes in place of the app.
    var asksForRecoveryCode: Bool { (try? queryParameters())?[Parameter("with")] == "recovery" }

    /// Whether a sign-in page is to ask for the password at once: because its reader wants that, or came back from a
    /// connector in vain, to which the address alone would lead again.
    var asksForPassword: Bool {
        guard let form = try? queryParameters() else { return false }
        return form[Parameter("as")] == "password" || form[Parameter("problem")] != nil
    }
}

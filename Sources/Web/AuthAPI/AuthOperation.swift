import HTTP

/// The calls by which a client of the operator's own signs people in itself: one list, from which the routes and the
/// document are made.
enum AuthOperation: String, Sendable, CaseIterable {
    case register, resendVerification, verifyEmail
    case login, verifySecondFactor, recoveryLogin, refresh, logout
    case beginSecondFactor, completeSecondFactor, disableSecondFactor
    case forgotPassword, resetPassword
    case readProfile, updateProfile
    case readDocument

    /// Below the issuer.
    static let root = "/v1/auth"

    /// Who may call it.
    enum Access: Sendable {
        case anybody
        /// A client that may sign people in itself.
        case client
        /// A person who is signed in by such a client.
        case person
        /// The same, having proven only minutes ago who they are.
        case freshPerson
    }

    var method: Method {
        switch self {
        case .readProfile, .readDocument: .get
        case .updateProfile: .patch
        default: .post
        }
    }

    /// Below the root.
    var path: String {
        switch self {
        case .register: "/register"
        case .resendVerification: "/resend-verification"
        case .verifyEmail: "/verify-email"
        case .login: "/login"
        case .verifySecondFactor: "/2fa/verify"
        case .recoveryLogin: "/recovery-login"
        case .refresh: "/refresh"
        case .logout: "/logout"
        case .beginSecondFactor: "/2fa/enable-init"
        case .completeSecondFactor: "/2fa/enable-complete"
        case .disableSecondFactor: "/2fa/disable"
        case .forgotPassword: "/password/forgot"
        case .resetPassword: "/password/reset"
        case .readProfile, .updateProfile: "/me"
        case .readDocument: "/openapi.json"
        }
    }

    var access: Access {
        switch self {
        case .logout, .readProfile, .updateProfile: .person
        case .beginSecondFactor, .completeSecondFactor, .disableSecondFactor: .freshPerson
        case .readDocument: .anybody
        default: .client
        }
    }

    /// Bytes of content that it takes: with every character as an escape, a password and a name need some 6000.
    var contentLimit: Int {
        switch self {
        case .register, .login, .resetPassword, .beginSecondFactor: 8 * 1024
        default: 4 * 1024
        }
    }

    /// One line for the document.
    var summary: String {
        switch self {
        case .register: "Begin an account: a mail with a code is sent, also where the address has an account."
        case .resendVerification: "Send one more mail with a new code."
        case .verifyEmail: "Prove the address by the code, which makes the account and signs the person in."
        case .login: "Sign in by address and password."
        case .verifySecondFactor: "Go on with a code of the authenticator app."
        case .recoveryLogin: "Go on with a recovery code in place of the app's."
        case .refresh: "Get the next tokens for a refresh token, or put the session under a new cookie."
        case .logout: "Sign out: the session and what hangs on it end."
        case .beginSecondFactor: "Begin to set an authenticator app up; the password is asked for once more."
        case .completeSecondFactor: "Switch the app on by its first code; answers the recovery codes, once."
        case .disableSecondFactor: "Switch the app off, by a code of it or a recovery code."
        case .forgotPassword: "Have a mail with a link to a new password sent, if there is such an account."
        case .resetPassword: "Choose a new password by what the link carries; everybody is signed out."
        case .readProfile: "Who is signed in, as far as the scopes of the token reach."
        case .updateProfile: "Change the name; a token needs the scope profile."
        case .readDocument: "This document."
        }
    }
}

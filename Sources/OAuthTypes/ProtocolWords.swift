/// How a client gets tokens: RFC 6749 §1.3; the raw value is `grant_type`.
public enum GrantType: String, Sendable, Hashable, CaseIterable {
    /// RFC 6749 §4.1.
    case authorizationCode = "authorization_code"
    /// RFC 6749 §6.
    case refreshToken = "refresh_token"
    /// RFC 6749 §4.4.
    case clientCredentials = "client_credentials"
}

/// How a client proves who it is: OpenID Connect Core §9, RFC 7591 §2.
public enum ClientAuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    /// RFC 6749 §2.3.1: HTTP Basic.
    case clientSecretBasic = "client_secret_basic"
    /// RFC 6749 §2.3.1: in the body.
    case clientSecretPost = "client_secret_post"
    /// RFC 7523 §2.2: an assertion under a secret that both know.
    case clientSecretJWT = "client_secret_jwt"
    /// RFC 7523 §2.2: an assertion under a key of the client's own.
    case privateKeyJWT = "private_key_jwt"
    /// A public client: RFC 6749 §2.1.
    case none

    /// Whether it is by a secret that both know.
    public var usesSecret: Bool {
        switch self {
        case .clientSecretBasic, .clientSecretPost, .clientSecretJWT: true
        case .privateKeyJWT, .none: false
        }
    }

    /// Whether a digest of the secret, or nothing at all, suffices to check it.
    public var needsOnlyADigest: Bool {
        switch self {
        case .clientSecretBasic, .clientSecretPost, .none: true
        case .clientSecretJWT, .privateKeyJWT: false
        }
    }
}

/// How the answer of the authorization endpoint travels: Multiple Response Types §2.1, Form Post Response Mode §2.
public enum ResponseMode: String, Sendable, Hashable, CaseIterable {
    /// In the query: the default of `code`.
    case query
    /// In the fragment.
    case fragment
    /// By a form that the browser posts.
    case formPost = "form_post"
}

/// `display` of a request, as far as it changes anything: OpenID Connect Core §3.1.2.1.
///
/// A request with another value, known to the specification or not, is answered as one without it.
public enum Display: String, Sendable, Hashable, CaseIterable {
    /// In the whole window.
    case page
    /// In a small window over the client's.
    case popup
}

/// What the client wants to happen at sign-in: OpenID Connect Core §3.1.2.1.
public enum Prompt: String, Sendable, Hashable, CaseIterable {
    /// No page may be shown.
    case none
    /// The person proves again who they are.
    case login
    /// The person is asked again what the client may do.
    case consent
    /// The person chooses an account.
    case selectAccount = "select_account"
    /// The person makes an account: Initiating User Registration via OpenID Connect §4.
    case create
}

/// How a person proved who they are: RFC 8176 §2.
public enum AuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    /// A password.
    case password = "pwd"
    /// A code that is good once: of an authenticator app, or a recovery code.
    case oneTimePassword = "otp"
    /// Possession of a key, such as a passkey; whether hardware keeps it is not told (OpenID EAP ACR Values §4).
    case proofOfPossession = "pop"
    /// More than one factor.
    case multipleFactors = "mfa"
    /// Over more than one channel, such as a code by mail: it is none of the levels of `acr` above a password.
    case multipleChannels = "mca"
}

/// How strong a sign-in was: `acr`, OpenID Connect Core §2; the weakest first.
public enum AuthenticationContext: String, Sendable, Hashable, CaseIterable, Comparable {
    /// A password alone: the class of SAML 2.0 that providers name it by.
    case password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    /// Two factors, one of which can be typed into the wrong page: the policy of OpenID PAPE.
    case multipleFactors = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
    /// A key that answers this site only, as a passkey does: OpenID EAP ACR Values §3.
    case phishingResistant = "phr"

    private var rank: Int {
        switch self {
        case .password: 0
        case .multipleFactors: 1
        case .phishingResistant: 2
        }
    }

    /// Whether the first is weaker.
    public static func < (left: AuthenticationContext, right: AuthenticationContext) -> Bool { left.rank < right.rank }

    /// What methods amount to.
    public init(_ methods: [AuthenticationMethod]) {
        if methods.contains(.proofOfPossession) {
            self = .phishingResistant
        } else {
            self = methods.contains(.multipleFactors) ? .multipleFactors : .password
        }
    }
}

public import OAuthTypes

/// Where and for what somebody signs in.
public struct SignInPlace: Sendable {
    /// What the sign-in is for: keeps a right password for the second factor of the same sign-in.
    public var purpose: TokenDigest
    /// In which browser the password waits.
    public var browser: TokenDigest
    /// What the limits on guessing see.
    public var origin: SignInOrigin
    /// What a session keeps of the browser.
    public var traits: BrowserTraits
    /// Who is to know the session that begins.
    public var audience: SessionAudience
    /// The client that asks; nil where none does.
    public var client: ClientID?
    /// What the log of events says of the request.
    public var audit: AuditOrigin
    /// The secret of the session that the browser has, which the new one replaces.
    public var session: String?
    /// The secret of a browser that needs no second factor; nil where none counts.
    public var device: String?
    /// Whether the person wishes to stay signed in.
    public var isStaying: Bool
    /// Whether a session that goes on stays as long as it was to: not where a directory proved who it is.
    var inheritsStaying = true
    /// Since when a proof is fresh enough for what the sign-in is for; nil where any will do.
    public var freshSince: Timestamp?
    /// The tag of the language that the person reads; nil where it is not known.
    public var language: String?
    /// The address by which a directory knows who signs in, which may be another than their account has.
    var typed: Email?

    /// A place.
    public init(
        purpose: TokenDigest, browser: TokenDigest, origin: SignInOrigin, traits: BrowserTraits,
        audience: SessionAudience = .pages, client: ClientID? = nil, audit: AuditOrigin, session: String?,
        device: String?, isStaying: Bool = false, freshSince: Timestamp? = nil, language: String? = nil
    ) {
        self.purpose = purpose
        self.browser = browser
        self.origin = origin
        self.traits = traits
        self.audience = audience
        self.client = client
        self.audit = audit
        self.session = session
        self.device = device
        self.isStaying = isStaying
        self.freshSince = freshSince
        self.language = language
    }
}

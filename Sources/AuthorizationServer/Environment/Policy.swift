public import JOSE
public import OAuthTypes

/// Lifetimes and limits that an operator may set.
public struct Policy: Sendable {
    /// From issue to redemption of a code (RFC 6749 §4.1.2 allows ten minutes; RFC 9700 wants less).
    public var codeLifetime: Duration = .seconds(60)
    /// Of access tokens.
    public var accessTokenLifetime: Duration = .seconds(15 * 60)
    /// Of ID tokens.
    public var idTokenLifetime: Duration = .seconds(60 * 60)
    /// How long a refresh token lives unused.
    public var refreshIdleLifetime: Duration = .seconds(14 * 24 * 3600)
    /// How long a grant, with all its refresh tokens, lives at most.
    public var grantLifetime: Duration = .seconds(90 * 24 * 3600)
    /// How long the retry of a refresh request gets the same successor.
    public var refreshGrace: Duration = .seconds(10)
    /// How long a browser stays signed in.
    public var sessionLifetime: Duration = .seconds(24 * 3600)
    /// How long a browser stays signed in that nobody uses.
    public var sessionIdleLifetime: Duration = .seconds(8 * 3600)
    /// How long a person has to deal with an authorization request.
    public var interactionLifetime: Duration = .seconds(1800)
    /// After how long the current signing key makes room for the next one.
    public var keyRotationInterval: Duration = .seconds(90 * 24 * 3600)
    /// What tokens are signed with; the first where nobody asks for another one.
    public var signingAlgorithms: [SignatureAlgorithm] = [.es256]
    /// What a sign-in is called by its strength.
    public var ladder = AuthenticationLadder.standard
    /// Whether clients may watch the browser's session (Session Management 1.0).
    public var offersSessionManagement = false
    /// Whether people make accounts by themselves: `prompt=create`.
    public var isSignUpOpen = false
    /// Whether there are keys that clients may encrypt request objects to (RFC 9101 §6.1).
    public var takesEncryptedRequests = false
    /// Claims of the operator's own.
    public var claims = ClaimsMapping()
    /// How far ahead of ours another clock may be.
    public var clockLeeway: Duration = .seconds(10)

    /// The defaults.
    public init() {}

    /// How long whoever verifies may keep the key set without asking again: the `max-age` of the answer.
    ///
    /// As long as a copy may live a revoked key is trusted by others, so it is short; a copy a client in five minutes costs
    /// nothing.
    public static let keySetLifetime = Duration.seconds(300)

    /// The values of `prompt` that lead somewhere here.
    public var prompts: [Prompt] { Prompt.allCases.filter { isSignUpOpen || $0 != .create } }

    /// How long a key is published before it signs: no copy of the key set is older, nor the one that a node still gives out
    /// which has not heard of the key.
    public var keyPublication: Duration { Policy.keySetLifetime + .seconds(60) }

    /// How long a retired key stays published: every token it signed has expired by then, with an hour to spare.
    public var keyRetirement: Duration { max(accessTokenLifetime, idTokenLifetime) + .seconds(3600) }
}

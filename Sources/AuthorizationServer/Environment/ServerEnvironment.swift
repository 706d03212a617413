public import JOSE
public import OAuthTypes
public import Stores

/// What every part of the core works with: who we are, what holds, the time, chance, the stores, the keys.
///
/// One immutable object, so that passing it on costs one retain.
public final class ServerEnvironment: Sendable {
    /// Who we are.
    public let issuer: Issuer
    /// What holds.
    public let policy: Policy
    /// The time.
    public let clock: any TimeSource
    /// Chance.
    public let random: any RandomSource
    /// The records.
    public let storage: Storage
    /// Clients, read through a cache.
    public let clients: ClientDirectory
    /// What clients' registrations point at.
    public let documents: any RemoteDocuments
    /// What providers can do that people sign in at.
    let elsewhere: any StrengthElsewhere
    /// The public keys of clients.
    let clientKeys: ClientKeySets
    /// Request objects at addresses of clients.
    let requestObjects: RemoteRequestObjects
    /// Makes and reads initial access tokens.
    let initialAccessTokens: InitialAccessTokens
    /// Seals the secrets of clients that must be readable.
    public let clientSecrets: ClientSecretSeal
    /// The signing keys.
    public let keys: KeyRing
    /// Verifies access tokens.
    let accessTokens: AccessTokenVerifier
    /// Which tokens still hold.
    let tokenStates: TokenStates
    /// Makes and reads refresh tokens.
    let refreshTokens: RefreshTokenCodec
    /// What people are called at clients.
    let subjects: Subjects
    /// What sessions are called at clients.
    let sessionNames: SessionNames
    /// Makes and checks the tokens in our own forms.
    public let formTokens: FormTokens

    /// An environment over stores and a master key, whose subkeys protect what leaves the server; keys in `devices` sign
    /// there.
    ///
    /// `elsewhere` says how strongly people can sign in at providers; nil for not at all.
    public init(
        issuer: Issuer, policy: Policy, clock: any TimeSource, random: any RandomSource, storage: Storage,
        masterKey: MasterKey, devices: (any DeviceSigning)? = nil, documents: any RemoteDocuments = NoRemoteDocuments(),
        elsewhere: (any StrengthElsewhere)? = nil
    ) {
        self.issuer = issuer
        self.policy = policy
        self.clock = clock
        self.random = random
        self.storage = storage
        clients = ClientDirectory(storage)
        self.documents = documents
        self.elsewhere = elsewhere ?? NowhereElse()
        clientKeys = ClientKeySets(documents, clock: clock)
        requestObjects = RemoteRequestObjects(documents, clock: clock)
        initialAccessTokens = InitialAccessTokens(masterKey)
        clientSecrets = ClientSecretSeal(masterKey)
        keys = KeyRing(policy.signingAlgorithms, devices: devices ?? NoDevices())
        accessTokens = AccessTokenVerifier(keys: keys, issuer: issuer, leeway: policy.clockLeeway)
        tokenStates = TokenStates(storage)
        refreshTokens = RefreshTokenCodec(masterKey)
        subjects = Subjects(masterKey)
        sessionNames = SessionNames(masterKey)
        formTokens = FormTokens(masterKey)
    }

    /// A new unguessable text of 256 bits: codes, cookies, identifiers in addresses.
    public func newSecret() -> String {
        Base64URL.encode(random.bytes(32))
    }

    /// A new text of 128 bits that keeps equal things apart.
    func newSalt() -> String { Base64URL.encode(random.bytes(16)) }

    /// A new identifier of 128 bits.
    func newIdentifier<Kind>(_ kind: Kind.Type = Kind.self) -> Identifier<Kind> {
        Identifier(rawValue: Base64URL.encode(random.bytes(16)))
    }
}

extension TokenDigest {
    /// The digest under which a secret text is stored.
    public init(of text: String) {
        self.init(SHA256.digest(of: text))
    }

    init(_ digest: SHA256Digest) {
        self.init(bytes: digest.bytes)!  // a SHA-256 digest has 32 bytes by its type
    }
}

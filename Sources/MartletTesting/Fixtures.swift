public import OAuthTypes
public import Stores

// Records for tests. `withEveryFieldSet` leaves no optional empty and no value at a default, so that a lost field shows.

extension Timestamp {
    /// 2025-06-01T12:00:00Z and a few microseconds: the moment at which the fixtures were made.
    public static let noon = Timestamp(microseconds: 1_748_779_200_000_000 + 123_457)
}

extension TokenDigest {
    /// A digest that differs for every number.
    public static func numbered(_ number: Int) -> TokenDigest {
        let digits = withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).bigEndian) { Array($0) }
        return TokenDigest(bytes: [UInt8](repeating: 0xA5, count: 24) + digits)!
    }
}

extension Client {
    /// A confidential client of a third party.
    public static func withEveryFieldSet(
        id: String = "shop 1~", scopes: ScopeSet = [.openid, .profile, .email, .offlineAccess, Scope("orders:read")!],
        createdAt: Timestamp = .noon
    ) -> Client {
        Client(
            id: ClientID(id)!, name: "Café “Zur Schwalbe” 燕 🐦", secretDigest: .numbered(101),
            authenticationMethods: [.clientSecretBasic, .clientSecretPost],
            redirectURIs: [uri("https://shop.example/callback?tenant=1"), uri("com.example.shop:/callback")],
            postLogoutRedirectURIs: [uri("https://shop.example/bye")],
            grantTypes: [.authorizationCode, .refreshToken, .clientCredentials],
            scopes: scopes, party: .third, ownSignIn: .cookies, createdAt: createdAt, metadata: .withEveryFieldSet(),
            sealedSecret: [1, 0, 255, 10],
            formerSecret: FormerSecret(digest: .numbered(102), sealed: [2, 0, 39], expiresAt: .noon + .seconds(3600)),
            registrationDigest: .numbered(103)
        )
    }

    /// A public client of the operator's own with as little as a client can have.
    public static func withNothingOptional(id: String = "app") -> Client {
        Client(
            id: ClientID(id)!, name: "App", secretDigest: nil, authenticationMethods: [.none], redirectURIs: [],
            postLogoutRedirectURIs: [], grantTypes: [.authorizationCode], scopes: [], party: .first, createdAt: .noon
        )
    }

    /// The same as it is after some changes.
    public func with(revision: Int64) -> Client {
        Client(
            id: id, name: name, secretDigest: secretDigest, authenticationMethods: authenticationMethods,
            redirectURIs: redirectURIs, postLogoutRedirectURIs: postLogoutRedirectURIs, grantTypes: grantTypes,
            scopes: scopes, party: party, ownSignIn: ownSignIn, createdAt: createdAt, metadata: metadata,
            revision: revision, sealedSecret: sealedSecret, formerSecret: formerSecret,
            registrationDigest: registrationDigest
        )
    }

    private static func uri(_ text: String) -> RedirectURI {
        (try? RedirectURI(registering: text))!
    }
}

extension User {
    /// A disabled account with a password.
    public static func withEveryFieldSet(
        id: String = "u_7Zk2", email: String = "zoë.schwälbchen@example.org",
        disabledAt: Timestamp? = .noon + .seconds(90), mailCodes: MailCodeUse = .off
    ) -> User {
        User(
            id: UserID(rawValue: id), email: Email(email)!, isEmailVerified: true, name: "Zoë Ó’Schwälbchen 燕",
            passwordHash: "$argon2id$v=19$m=65536,t=3,p=2$c29tZXNhbHQ$aGFzaA", createdAt: .noon,
            updatedAt: .noon + .seconds(60), disabledAt: disabledAt, language: "de-AT", mailCodes: mailCodes
        )
    }

    /// An enabled account as it is before its owner has done anything.
    public static func withNothingOptional(id: String = "u_9", email: String = "new@example.org") -> User {
        User(
            id: UserID(rawValue: id), email: Email(email)!, isEmailVerified: false, name: "", passwordHash: nil,
            createdAt: .noon, updatedAt: .noon, disabledAt: nil
        )
    }
}

extension Session {
    /// A session of eight hours.
    public static func withEveryFieldSet(
        digest: TokenDigest = .numbered(201), id: String = "sid-Zk2", user: String = "u_7Zk2",
        authenticatedAt: Timestamp = .noon, lastUsedAt: Timestamp? = nil
    ) -> Session {
        Session(
            digest: digest, id: SessionID(rawValue: id), userID: UserID(rawValue: user),
            authenticatedAt: authenticatedAt, methods: [.password, .oneTimePassword, .multipleFactors],
            startedAt: authenticatedAt - .seconds(70), lastUsedAt: lastUsedAt ?? authenticatedAt + .seconds(50),
            device: "Firefox on Linux", network: "192.0.2.0/24", expiresAt: authenticatedAt + .seconds(8 * 3600),
            isRemembered: true
        )
    }
}

extension TOTPKey {
    /// A key whose app is on.
    public static func withEveryFieldSet(
        user: String = "u_7Zk2", createdAt: Timestamp = .noon, confirmedAt: Timestamp? = .noon + .seconds(40),
        lastStep: Int64? = 58_292_640
    ) -> TOTPKey {
        TOTPKey(
            userID: UserID(rawValue: user), sealed: [1, 0, 255, 39, 10], createdAt: createdAt,
            confirmedAt: confirmedAt, lastStep: lastStep)
    }

    /// A key that waits for its first code.
    public static func proposed(user: String = "u_7Zk2", createdAt: Timestamp = .noon) -> TOTPKey {
        withEveryFieldSet(user: user, createdAt: createdAt, confirmedAt: nil, lastStep: nil)
    }
}

extension RememberedDevice {
    /// A browser that is remembered for thirty days.
    public static func withEveryFieldSet(
        digest: TokenDigest = .numbered(601), user: String = "u_7Zk2", createdAt: Timestamp = .noon
    ) -> RememberedDevice {
        RememberedDevice(
            digest: digest, userID: UserID(rawValue: user), device: "Safari on iPhone", createdAt: createdAt,
            expiresAt: createdAt + .seconds(30 * 86_400))
    }
}

extension FirstFactor {
    /// A password that waits for ten minutes.
    public static func withEveryFieldSet(
        place: TokenDigest = .numbered(701), user: String = "u_7Zk2", provenAt: Timestamp = .noon,
        identity: TokenDigest? = nil
    ) -> FirstFactor {
        FirstFactor(
            place: place, browser: .numbered(702), userID: UserID(rawValue: user),
            methods: [.proofOfPossession, .multipleFactors], provenAt: provenAt,
            expiresAt: provenAt + .seconds(600), identity: identity)
    }
}

extension Interaction {
    /// A request that was answered.
    public static func withEveryFieldSet(
        digest: TokenDigest = .numbered(301), client: String = "shop 1~", session: String? = "sid-Zk2",
        finishedAt: Timestamp? = .noon + .seconds(30)
    ) -> Interaction {
        Interaction(
            digest: digest, browser: .numbered(302), clientID: ClientID(client)!,
            request: "client_id=shop+1~&state=%C3%A9%E7%87%95&scope=openid+profile", createdAt: .noon,
            expiresAt: .noon + .seconds(1800), sessionID: session.map(SessionID.init(rawValue:)),
            finishedAt: finishedAt
        )
    }
}

extension Grant {
    /// A grant of thirty days whose refresh token was used twice; revoked unless told otherwise.
    public static func withEveryFieldSet(
        id: String = "g-Zk2", client: String = "shop 1~", user: String = "u_7Zk2", session: String = "sid-Zk2",
        scopes: ScopeSet = [.openid, .profile, .email, Scope("orders:read")!],
        refresh: RefreshFamily? = .withEveryFieldSet(), revokedAt: Timestamp? = .noon + .seconds(120)
    ) -> Grant {
        Grant(
            id: GrantID(rawValue: id), clientID: ClientID(client)!, userID: UserID(rawValue: user),
            sessionID: SessionID(rawValue: session), scopes: scopes, authenticatedAt: .noon + .seconds(1),
            methods: [.password], createdAt: .noon + .seconds(2), expiresAt: .noon + .seconds(30 * 86400),
            refresh: refresh, revokedAt: revokedAt, claims: #"{"userinfo":{"name":{}},"locales":"de"}"#
        )
    }

    /// A living grant: what a code is issued under.
    public static func living(
        id: String = "g-Zk2", client: String = "shop 1~", user: String = "u_7Zk2", session: String = "sid-Zk2",
        scopes: ScopeSet = [.openid, .profile, .email, Scope("orders:read")!],
        refresh: RefreshFamily? = .withEveryFieldSet()
    ) -> Grant {
        withEveryFieldSet(
            id: id, client: client, user: user, session: session, scopes: scopes, refresh: refresh, revokedAt: nil
        )
    }
}

extension RefreshFamily {
    /// A family after two rotations, valid for seven days.
    public static func withEveryFieldSet() -> RefreshFamily {
        RefreshFamily(
            generation: 2, rotatedAt: .noon + .seconds(60), request: .numbered(401),
            idleExpiresAt: .noon + .seconds(7 * 86400)
        )
    }

    /// A family before its first rotation.
    public static func first() -> RefreshFamily {
        RefreshFamily(
            generation: 0, rotatedAt: .noon + .seconds(60), request: nil, idleExpiresAt: .noon + .seconds(7 * 86400)
        )
    }
}

extension AuthorizationCode {
    /// A code of a minute under `Grant.living()`.
    public static func withEveryFieldSet(
        digest: TokenDigest = .numbered(501), grant: String = "g-Zk2", client: String = "shop 1~",
        nonce: String? = "n-0S6_WzA2Mj é",
        challenge: CodeChallenge? = CodeChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    ) -> AuthorizationCode {
        AuthorizationCode(
            digest: digest, grantID: GrantID(rawValue: grant), clientID: ClientID(client)!,
            redirectURI: "https://shop.example/callback?tenant=1",
            codeChallenge: challenge, nonce: nonce,
            issuedAt: .noon + .seconds(2), expiresAt: .noon + .seconds(62)
        )
    }
}

extension SigningKeyRecord {
    /// A key whose sealed part holds every byte value.
    public static func withEveryFieldSet(
        id: String = "kid-1", algorithm: String = "ES256", state: State = .current, createdAt: Timestamp = .noon
    ) -> SigningKeyRecord {
        SigningKeyRecord(
            id: KeyID(rawValue: id), algorithm: algorithm, sealed: Array(0...255), state: state, createdAt: createdAt,
            changedAt: createdAt + .seconds(5)
        )
    }
}

extension ProfileDetails {
    /// Details in which every field has a text of its own.
    public static func withEveryFieldSet(user: String = "u_7Zk2") -> ProfileDetails {
        let values = Dictionary(uniqueKeysWithValues: Field.allCases.map { ($0, "Größe\n& = + 燕 \($0.rawValue)") })
        return ProfileDetails(
            of: UserID(rawValue: user), values,
            translations: [
                ClaimName(.familyName, LanguageTag("ja-Kana-JP")): "ラヴレス & Söhne",
                ClaimName(.name, LanguageTag("de")): "Zoë",
            ])
    }
}

public import JOSE
public import JSON
public import OAuthTypes
public import Stores
import WebAuthn

/// The passkeys of each account: WebAuthn Level 3.
///
/// Each is made so that the browser finds it without a name and the authenticator verifies its user, and so opens the
/// account alone: possession and a finger or PIN are two factors. After a password it is the second one.
public struct Passkeys: Sendable {
    /// What a browser posts: its answer as JSON, and the challenge that it answers.
    public struct Answer: Sendable {
        let json: String
        let challenge: String

        /// An answer as it came.
        public init(json: String, challenge: String) {
            self.json = json
            self.challenge = challenge
        }
    }

    /// How a session is named that a passkey opened (`amr`): proof of possession of a key, by the name of OpenID EAP ACR
    /// Values §4, and more than one factor.
    public static let methods: [AuthenticationMethod] = [.proofOfPossession, .multipleFactors]

    /// As many as an account may have.
    public static let limit = 20

    let store: any PasskeyStore
    let challenges: PasskeyChallenges
    let relyingParty: WebAuthnRelyingParty
    let clock: any TimeSource
    let notices: AccountNotices?
    private let audit: AuditTrail?
    private let users: any UserStore
    private let handles: HMACSHA256
    private let rate: RateLimiter?

    /// Passkeys over the stores of an issuer.
    ///
    /// `domain` is the RP ID, `origins` are the pages that may ask, `name` is what people read. `notices` tells
    /// people when a passkey has come or gone; nil tells nobody. `audit` takes the use of a copied one.
    public init(
        _ storage: Storage, domain: String, name: String, origins: [String], masterKey: MasterKey,
        clock: any TimeSource, random: any RandomSource, rates: RequestRates = RequestRates(),
        telling notices: AccountNotices? = nil, audit: AuditTrail? = nil
    ) {
        store = storage.secondFactors.passkeys
        users = storage.users
        challenges = PasskeyChallenges(
            storage.secondFactors.spentChallenges, masterKey: masterKey, clock: clock, random: random)
        handles = HMACSHA256(key: masterKey.subkey(purpose: "passkey user handles"))
        relyingParty = WebAuthnRelyingParty(id: domain, name: name, origins: origins)
        rate = RateLimiter(perMinute: rates.passkeyOptions)
        self.clock = clock
        self.notices = notices
        self.audit = audit
    }

    /// Counts a page that asks for options; or nothing, and the time to wait.
    public func take(_ origin: SignInOrigin) -> Duration? { rate?.take(origin.subscriber, at: clock.now) }

    /// The passkeys of a person, the first added first.
    public func list(of user: UserID) async throws -> [Passkey] { try await store.list(of: user) }

    /// The document that names further pages that may use these passkeys (§5.11); nil where there are none.
    public var relatedOrigins: (some JSONEncodable)? {
        relyingParty.origins.count > 1 ? RelatedOrigins(relyingParty.origins) : nil
    }

    // MARK: Signing in with nothing else

    /// What a browser is asked where nobody is known: it offers the passkeys that it has, we name none (§14.6.2).
    public func signInOptions(in browser: String) -> some JSONEncodable {
        let challenge = challenges.make(for: .init(purpose: .signIn, browser: browser))
        return RequestOptions(relyingParty: relyingParty, challenge: challenge, verification: .required)
    }

    /// Whose passkey this is, proven with user verification; nil for anything else, whatever the reason.
    public func signIn(
        _ answer: Answer, in browser: String, from origin: AuditOrigin = .here
    ) async throws -> User? {
        let occasion = PasskeyChallenges.Occasion(purpose: .signIn, browser: browser)
        // The account is found by what the authenticator says, so it must say it (§7.2 step 6).
        guard let assertion = try? AssertionAnswer(json: answer.json), assertion.userHandle != nil,
            let passkey = try await prove(assertion, answer.challenge, occasion, .required, origin),
            let user = try await users.find(passkey.userID), user.disabledAt == nil
        else { return nil }
        return user
    }

    // MARK: After a password

    /// What a browser is asked once the password of an account was right; `place` is what that waits for.
    public func secondFactorOptions(
        for user: UserID, at place: TokenDigest, in browser: String
    ) async throws -> some JSONEncodable {
        let challenge = challenges.make(for: Passkeys.secondFactor(of: user, at: place, in: browser))
        let passkeys = try await store.list(of: user)
        return RequestOptions(
            relyingParty: relyingParty, challenge: challenge, verification: .preferred,
            allowing: passkeys.map { CredentialDescriptor($0.credential) })
    }

    /// Whether this proves a passkey of the account whose password waits at a place.
    public func accept(
        _ answer: Answer, for user: UserID, at place: TokenDigest, in browser: String, from origin: AuditOrigin = .here
    ) async throws -> Bool {
        guard let assertion = try? AssertionAnswer(json: answer.json),
            // Another account's passkey proves nothing, and is not counted as used.
            try await store.find(assertion.credentialID)?.userID == user
        else { return false }
        let occasion = Passkeys.secondFactor(of: user, at: place, in: browser)
        return try await prove(assertion, answer.challenge, occasion, .preferred, origin) != nil
    }

    private static func secondFactor(
        of user: UserID, at place: TokenDigest, in browser: String
    ) -> PasskeyChallenges.Occasion {
        .init(purpose: .secondFactor, browser: browser, subject: Base64URL.encode(place.bytes) + " " + user.rawValue)
    }

    /// The passkey that an assertion proves; spends its challenge and counts the use.
    private func prove(
        _ assertion: AssertionAnswer, _ challenge: String, _ occasion: PasskeyChallenges.Occasion,
        _ verification: UserVerification, _ origin: AuditOrigin
    ) async throws -> Passkey? {
        guard let challenge = challenges.read(challenge, for: occasion),
            let passkey = try await store.find(assertion.credentialID),
            let proof = verified(assertion, challenge, verification, passkey, origin),
            verification != .required || proof.isUserVerified
        else { return nil }
        // Proven: now it is spent, so that neither answer nor counter serve twice.
        guard try await challenges.spend(challenge),
            try await store.use(
                passkey.credentialID,
                PasskeyUse(
                    signCount: proof.credential.signCount, isBackedUp: proof.credential.isBackedUp,
                    isUserVerified: proof.credential.isUserVerified, usedAt: clock.now))
        else { return nil }
        return passkey
    }

    /// What an assertion proves; a counter that went back says that there are two of the passkey (§6.1.1), which the log
    /// keeps.
    private func verified(
        _ assertion: AssertionAnswer, _ challenge: WebAuthnChallenge, _ verification: UserVerification,
        _ passkey: Passkey, _ origin: AuditOrigin
    ) -> WebAuthnAssertion? {
        do throws(WebAuthnError) {
            return try relyingParty.verify(
                assertion, challenge: challenge, verification: verification, credential: passkey.credential,
                userHandle: passkey.userHandle)
        } catch {
            if error == .clonedAuthenticator {
                audit?.noteLater(.passkeyCloned, .refused, of: passkey.userID, from: origin)
            }
            return nil
        }
    }

    /// What authenticators know an account by: 32 bytes that say nothing of it, the same for all its passkeys (§14.6.1).
    func handle(of user: UserID, among passkeys: [Passkey]) -> [UInt8] {
        // Those that are there have the last word: the master key may have changed since.
        passkeys.first { (1...64).contains($0.userHandle.count) }?.userHandle
            ?? handles.authenticate(Array(user.rawValue.utf8)).bytes
    }
}

extension Passkey {
    /// As the verifying core takes it.
    var credential: WebAuthnCredential {
        WebAuthnCredential(
            id: credentialID, publicKey: publicKey, signCount: signCount, isBackupEligible: isBackupEligible,
            isBackedUp: isBackedUp, isUserVerified: isUserVerified, aaguid: aaguid, transports: transports)
    }
}

public import JSON
public import OAuthTypes
public import Stores
import WebAuthn

/// What a person does with passkeys on their account pages.
extension Passkeys {
    /// What came of an answer to ``creationOptions(for:in:)``.
    public enum Registration: Sendable, Equatable {
        /// It is there.
        case added(Passkey)
        /// The answer proves nothing: too late, of another page, or of an authenticator that cannot do what is asked.
        case refused
        /// The authenticator's passkey is somebody's already.
        case taken
        /// There are ``limit`` already.
        case full
    }

    /// The longest name, in characters.
    public static let nameLimit = 60

    /// What a browser is asked to make a passkey of the account.
    public func creationOptions(for user: User, in browser: String) async throws -> some JSONEncodable {
        let passkeys = try await store.list(of: user.id)
        // Every handle has 1 to 64 bytes.
        let person = WebAuthnUser(
            handle: handle(of: user.id, among: passkeys), name: user.email.rawValue,
            displayName: user.name.isEmpty ? user.email.rawValue : user.name)!
        return CreationOptions(
            relyingParty: relyingParty, user: person, challenge: challenges.make(for: registration(of: user, browser)),
            verification: .required, residentKey: .required,
            excluding: passkeys.map { CredentialDescriptor($0.credential) })
    }

    /// Adds the passkey that a browser has made, and tells its owner in the language of a tag.
    ///
    /// `noting` has the event written. It and the mail come first: no passkey is there of which nobody hears.
    public func register(
        _ answer: Answer, named name: String, for user: User, in browser: String, language: String? = nil,
        noting: () async throws -> Void = {}
    ) async throws -> Registration {
        guard let challenge = challenges.read(answer.challenge, for: registration(of: user, browser)),
            let registration = try? RegistrationAnswer(json: answer.json),
            let credential = try? relyingParty.register(registration, challenge: challenge, verification: .required),
            try await challenges.spend(challenge)
        else { return .refused }
        let others = try await store.list(of: user.id)
        // What will not be added is not told.
        guard try await store.find(credential.id) == nil else { return .taken }
        guard others.count < Passkeys.limit else { return .full }
        let passkey = Passkey(
            credentialID: credential.id, userID: user.id,
            userHandle: handle(of: user.id, among: others),
            publicKey: credential.publicKey, signCount: credential.signCount,
            isBackupEligible: credential.isBackupEligible, isBackedUp: credential.isBackedUp,
            isUserVerified: credential.isUserVerified, aaguid: credential.aaguid, transports: credential.transports,
            name: Passkeys.fit(name), createdAt: clock.now, lastUsedAt: nil)
        try await notices?.tell(.passkeyAdded(passkey.name), user, language: language)
        try await noting()
        switch try await store.add(passkey, limit: Passkeys.limit) {
        case .added: return .added(passkey)
        case .taken: return .taken
        case .full: return .full
        case .noAccount, .frozen: return .refused
        }
    }

    /// Names a passkey of the account; false where there is none, or the name has nothing to read.
    public func rename(_ credentialID: [UInt8], of user: UserID, to name: String) async throws -> Bool {
        let name = Passkeys.fit(name)
        guard !name.isEmpty else { return false }
        return try await store.rename(credentialID, of: user, to: name)
    }

    /// Removes a passkey of the account, unless it is the last way in, and tells its owner in the language of a tag.
    ///
    /// `noting` has the event written. It and the mail come first, unless this may be the last way in.
    public func remove(
        _ credentialID: [UInt8], of user: User, language: String? = nil, noting: () async throws -> Void = {}
    ) async throws -> PasskeyRemoval {
        let passkeys = try await store.list(of: user.id)
        let name = passkeys.first { $0.credentialID == credentialID }?.name
        func tell() async throws {
            try await notices?.tell(.passkeyRemoved(name ?? ""), user, language: language)
            try await noting()
        }
        // What will not be removed is not told.
        let isSure = name != nil && (user.passwordHash != nil || passkeys.count > 1)
        if isSure { try await tell() }
        let outcome = try await store.remove(credentialID, of: user.id, at: clock.now)
        if outcome == .removed, !isSure { try await tell() }
        return outcome
    }

    private func registration(of user: User, _ browser: String) -> PasskeyChallenges.Occasion {
        .init(purpose: .registration, browser: browser, subject: user.id.rawValue)
    }

    /// Whether a name has something to read.
    public static func isFit(name: String) -> Bool { !fit(name).isEmpty }

    /// A name in one line of bounded length.
    static func fit(_ name: String) -> String {
        let words = name.unicodeScalars.split { scalar in
            scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
        }
        return String(words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ").prefix(nameLimit))
    }
}

import JOSE
import JSON
import MartletTesting
import WebAuthn

/// Questions about passkeys, from both sides: WebAuthn §5.1, §7.1 and §7.2.
///
/// An authenticator that was made here is known by a number.
enum Passkeys {
    nonisolated(unsafe) private static var authenticators: [SoftAuthenticator] = []  // the program has one thread

    /// Makes an authenticator of `alg` for `rp` that vouches for itself if it is `attested`.
    static func make(_ question: Question) throws -> JSONObject {
        guard let algorithm = WebAuthnAlgorithm(rawValue: try question.integer("alg")) else {
            throw Question.Malformed(description: "no such algorithm")
        }
        var authenticator = try SoftAuthenticator(
            algorithm, relyingPartyID: question.text("rp"), origin: question.text("origin"))
        if question.has("attested") { authenticator.attestation = .packedSelf }
        authenticators.append(authenticator)
        return ["number": .integer(Int64(authenticators.count - 1))]
    }

    /// Answers creation or request `options` with the authenticator of `number`.
    static func answer(_ question: Question) throws -> JSONObject {
        let number = try question.integer("number")
        let options = try question.text("options")
        let answer =
            question.has("creates")
            ? try authenticators[number].answer(creation: options)
            : try authenticators[number].answer(request: options)
        return ["answer": .string(answer)]
    }

    /// The options for a `challenge`, of a `handle` where a credential is to be made.
    static func options(_ question: Question) throws -> JSONObject {
        let relyingParty = try relyingParty(question)
        let challenge = WebAuthnChallenge(bytes: try question.bytes("challenge"))
        let verification = try verification(question)
        let credentials = try question.texts("credentials").compactMap { Base64URL.decode($0) }
            .map { CredentialDescriptor(id: $0, transports: ["usb"]) }
        guard question.has("handle") else {
            let options = RequestOptions(
                relyingParty: relyingParty, challenge: challenge, verification: verification, allowing: credentials)
            return ["options": .string(String(decoding: options.jsonBytes(), as: UTF8.self))]
        }
        guard
            let user = WebAuthnUser(
                handle: try question.bytes("handle"), name: try question.text("name"),
                displayName: try question.text("name"))
        else { throw Question.Malformed(description: "no user") }
        let options = CreationOptions(
            relyingParty: relyingParty, user: user, challenge: challenge, verification: verification,
            excluding: credentials)
        return ["options": .string(String(decoding: options.jsonBytes(), as: UTF8.self))]
    }

    /// Registers the `answer` to a `challenge`.
    static func register(_ question: Question) throws -> JSONObject {
        let credential = try relyingParty(question).register(
            RegistrationAnswer(json: question.text("answer")),
            challenge: WebAuthnChallenge(bytes: question.bytes("challenge")), verification: verification(question))
        return json(credential)
    }

    /// Verifies the `answer` to a `challenge` with a credential that `register` gave.
    static func verify(_ question: Question) throws -> JSONObject {
        let assertion = try relyingParty(question).verify(
            AssertionAnswer(json: question.text("answer")),
            challenge: WebAuthnChallenge(bytes: question.bytes("challenge")), verification: verification(question),
            credential: credential(Question(question.object("credential"))), userHandle: question.bytes("handle"))
        var members = json(assertion.credential)
        members["isVerifiedNow"] = .bool(assertion.isUserVerified)
        return members
    }

    private static func relyingParty(_ question: Question) throws -> WebAuthnRelyingParty {
        WebAuthnRelyingParty(id: try question.text("rp"), name: "Martlet", origins: [try question.text("origin")])
    }

    private static func verification(_ question: Question) throws -> UserVerification {
        question.has("verified") ? .required : .preferred
    }

    private static func json(_ credential: WebAuthnCredential) -> JSONObject {
        var members: JSONObject = [
            "id": .string(Base64URL.encode(credential.id)),
            "publicKey": .string(Base64URL.encode(credential.publicKey)),
            "signCount": .integer(Int64(credential.signCount)),
            "aaguid": .string(Base64URL.encode(credential.aaguid)),
            "transports": .array(credential.transports.map { .string($0) }),
        ]
        if credential.isBackupEligible { members["isBackupEligible"] = true }
        if credential.isBackedUp { members["isBackedUp"] = true }
        if credential.isUserVerified { members["isUserVerified"] = true }
        return members
    }

    private static func credential(_ members: Question) throws -> WebAuthnCredential {
        WebAuthnCredential(
            id: try members.bytes("id"), publicKey: try members.bytes("publicKey"),
            signCount: UInt32(truncatingIfNeeded: try members.integer("signCount")),
            isBackupEligible: members.has("isBackupEligible"), isBackedUp: members.has("isBackedUp"),
            isUserVerified: members.has("isUserVerified"), aaguid: try members.bytes("aaguid"),
            transports: try members.texts("transports"))
    }
}

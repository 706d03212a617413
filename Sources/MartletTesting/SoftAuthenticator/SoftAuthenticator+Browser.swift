import JOSE
import JSON
public import WebAuthn

// The two ceremonies, from the options as a page receives them to the text that its script sends back.
extension SoftAuthenticator {
    /// What the options lack, or ask that this authenticator cannot do.
    public struct Unanswerable: Error, Sendable {
        /// What it is.
        public let reason: String
    }

    /// Answers `PublicKeyCredentialCreationOptionsJSON` with a `RegistrationResponseJSON`.
    ///
    /// Like a browser it refuses options for another host, and a credential that is excluded.
    public mutating func answer(creation options: String) throws -> String {
        let options = try JSONValue(parsing: options)
        guard options["rp"]?["id"]?.string == relyingPartyID else { throw Unanswerable(reason: "rp.id") }
        guard let handle = options["user"]?["id"]?.string.flatMap({ Base64URL.decode($0) }) else {
            throw Unanswerable(reason: "user.id")
        }
        let offered = options["pubKeyCredParams"]?.array ?? []
        guard offered.contains(where: { $0["alg"]?.integer == Int64(algorithm.rawValue) }) else {
            throw Unanswerable(reason: "pubKeyCredParams")
        }
        if names(options["excludeCredentials"]) { throw Unanswerable(reason: "excludeCredentials") }
        userHandle = handle
        return registrationJSON(try registration(try challenge(of: options)))
    }

    /// Answers `PublicKeyCredentialRequestOptionsJSON` with an `AuthenticationResponseJSON`.
    ///
    /// Like a browser it refuses options for another host, and a list without its credential.
    public mutating func answer(request options: String) throws -> String {
        let options = try JSONValue(parsing: options)
        guard options["rpId"]?.string == relyingPartyID else { throw Unanswerable(reason: "rpId") }
        if let allowed = options["allowCredentials"]?.array, !allowed.isEmpty, !names(options["allowCredentials"]) {
            throw Unanswerable(reason: "allowCredentials")
        }
        return assertionJSON(try assertion(try challenge(of: options)))
    }

    private func challenge(of options: JSONValue) throws -> WebAuthnChallenge {
        guard let bytes = options["challenge"]?.string.flatMap({ Base64URL.decode($0) }) else {
            throw Unanswerable(reason: "challenge")
        }
        return WebAuthnChallenge(bytes: bytes)
    }

    private func names(_ descriptors: JSONValue?) -> Bool {
        (descriptors?.array ?? []).contains { $0["id"]?.string == Base64URL.encode(credentialID) }
    }
}

// What a page's script sends: `PublicKeyCredential.toJSON()`.
extension SoftAuthenticator {
    /// A registration as JSON.
    public func registrationJSON(_ answer: RegistrationAnswer) -> String {
        json { writer in
            writer.member("clientDataJSON", Base64URL.encode(answer.clientDataJSON))
            writer.member("attestationObject", Base64URL.encode(answer.attestationObject))
            writer.member("transports", answer.transports)
        }
    }

    /// An assertion as JSON.
    public func assertionJSON(_ answer: AssertionAnswer) -> String {
        json { writer in
            writer.member("clientDataJSON", Base64URL.encode(answer.clientDataJSON))
            writer.member("authenticatorData", Base64URL.encode(answer.authenticatorData))
            writer.member("signature", Base64URL.encode(answer.signature))
            writer.member("userHandle", answer.userHandle.map { Base64URL.encode($0) })
        }
    }

    private func json(_ response: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", Base64URL.encode(credentialID))
            writer.member("rawId", Base64URL.encode(credentialID))
            writer.member("type", "public-key")
            writer.member("authenticatorAttachment", "platform")
            writer.object("response", response)
            writer.object("clientExtensionResults") { _ in }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

public import JOSE
import JSON
public import WebAuthn

/// An authenticator together with its browser, in software: answers what a relying party asks, or not quite that.
///
/// It holds one credential. Every member can be set, so that each rule can be broken alone.
public struct SoftAuthenticator: Sendable {
    /// The bits of the flags that it sets: WebAuthn §6.1.
    public struct Flags: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt8

        /// Flags by their bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Somebody touched it.
        public static let userPresent = Flags(rawValue: 1 << 0)
        /// It made sure who.
        public static let userVerified = Flags(rawValue: 1 << 2)
        /// The key can leave the device.
        public static let backupEligible = Flags(rawValue: 1 << 3)
        /// The key has left the device.
        public static let backedUp = Flags(rawValue: 1 << 4)
    }

    /// How it vouches for a new credential.
    public enum Attestation: Sendable {
        /// Not at all.
        case none
        /// By the format `packed`, signed with the credential's own key.
        case packedSelf
    }

    /// The key of its credential.
    public let key: SigningKey
    /// The algorithm of its credential.
    public let algorithm: WebAuthnAlgorithm
    /// The ID of its credential.
    public var credentialID: [UInt8]
    /// To whom the credential belongs, and what goes into the hash.
    public var relyingPartyID: String
    /// The page that its browser shows.
    public var origin: String
    /// What it sets; present and verified unless told.
    public var flags: Flags = [.userPresent, .userVerified]
    /// The counter of the last answer; each assertion adds one.
    public var signCount: UInt32 = 0
    /// Whether the counter grows; many passkeys stay at 0.
    public var isCounting = true
    /// The account; set by `answer(creation:)`.
    public var userHandle: [UInt8]?
    /// Its model.
    public var aaguid = [UInt8](repeating: 0, count: 16)
    /// How it vouches for itself.
    public var attestation = Attestation.none
    /// Further members of the client data, each as JSON with a comma in front.
    public var clientExtras = ",\"crossOrigin\":false"
    /// Outputs of extensions, as CBOR.
    public var extensions: [UInt8] = []
    /// How its browser says it is reached.
    public var transports = ["internal"]

    /// A fresh authenticator in a browser that shows a page.
    ///
    /// RSA takes some tenths of a second.
    public init(
        _ algorithm: WebAuthnAlgorithm = .es256, relyingPartyID: String = "login.example",
        origin: String = "https://login.example", random: any RandomSource = SystemRandom()
    ) throws {
        self.algorithm = algorithm
        self.relyingPartyID = relyingPartyID
        self.origin = origin
        credentialID = random.bytes(32)
        key =
            switch algorithm {
            case .es256: try SigningKey.generate(.es256)
            case .edDSA: try SigningKey.generate(.edDSA)
            case .rs256: try SigningKey.generate(.rs256)
            }
    }
}

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

// The same in parts.
extension SoftAuthenticator {
    /// A registration.
    public func registration(_ challenge: WebAuthnChallenge) throws -> RegistrationAnswer {
        let client = clientData(type: "webauthn.create", challenge)
        return RegistrationAnswer(
            clientDataJSON: client, attestationObject: try attestationObject(over: client), transports: transports)
    }

    /// An assertion; counts up.
    public mutating func assertion(_ challenge: WebAuthnChallenge) throws -> AssertionAnswer {
        if isCounting { signCount &+= 1 }
        let client = clientData(type: "webauthn.get", challenge)
        let data = authenticatorData(credential: [])
        return AssertionAnswer(
            credentialID: credentialID, clientDataJSON: client, authenticatorData: data,
            signature: try sign(data + SHA256.digest(of: client).bytes), userHandle: userHandle)
    }

    /// What the browser says it was asked.
    public func clientData(type: String, _ challenge: WebAuthnChallenge) -> [UInt8] {
        Array(
            "{\"type\":\"\(type)\",\"challenge\":\"\(challenge.text)\",\"origin\":\"\(origin)\"\(clientExtras)}".utf8)
    }

    /// Authenticator data with a credential, or without one.
    public func authenticatorData(credential: [UInt8]) -> [UInt8] {
        var bits = flags.rawValue
        if !credential.isEmpty { bits |= 1 << 6 }
        if !extensions.isEmpty { bits |= 1 << 7 }
        return SHA256.digest(of: relyingPartyID).bytes + [bits]
            + (0..<4).reversed().map { UInt8(truncatingIfNeeded: signCount >> (8 * $0)) } + credential + extensions
    }

    /// Model, ID and public key: WebAuthn §6.5.2.
    public func attestedCredential() throws -> [UInt8] {
        let count = credentialID.count
        return aaguid + [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + credentialID
            + (try publicKey())
    }

    /// The public key as a COSE_Key.
    public func publicKey() throws -> [UInt8] {
        let jwk = try JSONObject(parsing: key.publicKey.jsonBytes())
        func octets(_ name: String) -> CBORValue { .bytes(jwk[name]?.string.flatMap { Base64URL.decode($0) } ?? []) }
        let number = CBORValue(algorithm.rawValue)
        let members: [(Int, CBORValue)] =
            switch algorithm {
            case .es256: [(1, CBORValue(2)), (3, number), (-1, CBORValue(1)), (-2, octets("x")), (-3, octets("y"))]
            case .edDSA: [(1, CBORValue(1)), (3, number), (-1, CBORValue(6)), (-2, octets("x"))]
            case .rs256: [(1, CBORValue(3)), (3, number), (-1, octets("n")), (-2, octets("e"))]
            }
        return CBORValue.map(CBORMap(members.map { CBORMap.Entry(CBORValue($0.0), $0.1) })).encoded
    }

    /// A signature in the form of WebAuthn §6.5.5.
    public func sign(_ message: [UInt8]) throws -> [UInt8] {
        let signature = try key.sign(message.span)
        guard algorithm == .es256 else { return signature }
        let halves = Self.derInteger(signature.prefix(32)) + Self.derInteger(signature.suffix(32))
        return [0x30, UInt8(halves.count)] + halves
    }

    private static func derInteger(_ half: ArraySlice<UInt8>) -> [UInt8] {
        var number = Array(half.drop { $0 == 0 })
        if number.first.map({ $0 >= 0x80 }) ?? true { number.insert(0, at: 0) }
        return [0x02, UInt8(number.count)] + number
    }

    func attestationObject(over clientData: [UInt8]) throws -> [UInt8] {
        let data = authenticatorData(credential: try attestedCredential())
        switch attestation {
        case .none: return Self.attestationObject("none", [:], data)
        case .packedSelf:
            let signature = try sign(data + SHA256.digest(of: clientData).bytes)
            return Self.attestationObject(
                "packed", ["alg": CBORValue(algorithm.rawValue), "sig": .bytes(signature)], data)
        }
    }

    /// An attestation object: WebAuthn §6.5.4.
    package static func attestationObject(
        _ format: String, _ statement: [String: CBORValue], _ authenticatorData: [UInt8]
    ) -> [UInt8] {
        let statement = CBORMap(statement.map { CBORMap.Entry(.text($0.key), $0.value) })
        return CBORValue.map(
            CBORMap([
                CBORMap.Entry(.text("fmt"), .text(format)), CBORMap.Entry(.text("attStmt"), .map(statement)),
                CBORMap.Entry(.text("authData"), .bytes(authenticatorData)),
            ])
        ).encoded
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

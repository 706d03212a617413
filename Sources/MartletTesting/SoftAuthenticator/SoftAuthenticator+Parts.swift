import JOSE
import JSON
public import WebAuthn

// The two ceremonies in parts.
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

import JOSE
import JSON
import MartletTesting

@testable import WebAuthn

/// Makes attestation certificates, sound ones unless told; their own signature is nonsense, since nobody looks at it.
struct CertificateBuilder: Sendable {
    /// As in the extension: 2 is version 3.
    var version: UInt8 = 2
    var country = "AA"
    var organization = "Maker"
    var unit = "Authenticator Attestation"
    var commonName = "Model 1"
    /// The value of basic constraints; `nil` leaves them out.
    var constraints: [UInt8]? = [0x30, 0x00]
    var aaguid: [UInt8]?
    var isModelCritical = false
    var keyInfo: [UInt8]

    init(holding authenticator: SoftAuthenticator) throws {
        let jwk = try JSONObject(parsing: authenticator.key.publicKey.jsonBytes())
        func octets(_ name: String) -> [UInt8] { jwk[name]?.string.flatMap { Base64URL.decode($0) } ?? [] }
        let identifier: [UInt8]
        let content: [UInt8]
        switch authenticator.algorithm {
        case .es256:
            identifier = bytes(hex: "06072a8648ce3d0201 06082a8648ce3d030107")
            content = [4] + octets("x") + octets("y")
        case .edDSA:
            identifier = bytes(hex: "06032b6570")
            content = octets("x")
        case .rs256:
            identifier = bytes(hex: "06092a864886f70d010101 0500")
            content = Self.der(0x30, Self.der(0x02, [0] + octets("n")) + Self.der(0x02, octets("e")))
        }
        keyInfo = Self.der(0x30, Self.der(0x30, identifier) + Self.der(0x03, [0] + content))
    }

    var encoded: [UInt8] {
        let algorithm = Self.der(0x30, bytes(hex: "06082a8648ce3d040302"))
        let subject = Self.der(
            0x30,
            Self.attribute(6, 0x13, country) + Self.attribute(10, 0x0C, organization)
                + Self.attribute(11, 0x0C, unit) + Self.attribute(3, 0x0C, commonName))
        let times = Self.der(0x17, Array("240101000000Z".utf8)) + Self.der(0x17, Array("340101000000Z".utf8))
        var extensions: [UInt8] = []
        if let constraints {
            extensions += Self.der(
                0x30, bytes(hex: "0603551d13 0101ff") + Self.der(0x04, constraints))
        }
        if let aaguid {
            extensions += Self.der(
                0x30,
                bytes(hex: "060b2b0601040182e51c010104") + (isModelCritical ? [0x01, 0x01, 0xFF] : [])
                    + Self.der(0x04, Self.der(0x04, aaguid)))
        }
        let body = Self.der(
            0x30,
            Self.der(0xA0, Self.der(0x02, [version])) + Self.der(0x02, [1]) + algorithm + Self.der(0x30, [])
                + Self.der(0x30, times) + subject + keyInfo + Self.der(0xA3, Self.der(0x30, extensions)))
        return Self.der(0x30, body + algorithm + Self.der(0x03, [0, 1, 2, 3]))
    }

    static func attribute(_ number: UInt8, _ tag: UInt8, _ text: String) -> [UInt8] {
        der(0x31, der(0x30, [0x06, 0x03, 0x55, 0x04, number] + der(tag, Array(text.utf8))))
    }

    static func der(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case ..<0x80: [UInt8(count)]
            case ..<0x100: [0x81, UInt8(count)]
            default: [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
            }
        return [tag] + length + content
    }
}

@testable import JOSE
@testable import JSON

extension FuzzTarget {
    /// Encrypted tokens in compact form: RFC 7516.
    ///
    /// A 0x1E in front: header and content, with a 0x1F between, which are encrypted rightly, as by somebody who has a
    /// key. Otherwise as with signed tokens: parts with 0x1F between, or the token itself.
    static let encrypted = FuzzTarget(name: "encrypted", longestInput: 512) { bytes throws(Violation) in
        if bytes.first == 0x1E {
            try decryptsWhatAnInsiderEncrypts(Array(bytes.dropFirst()))
            return
        }
        var text = bytes
        if bytes.contains(0x1F) {
            text = Array(
                bytes.split(separator: 0x1F, omittingEmptySubsequences: false)
                    .map { Base64URL.encode(Array($0)) }.joined(separator: ".").utf8)
        }
        guard let token = try? CompactJWE(parsing: text.span) else { return }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        try require(parts.count == 5, "not five parts")
        for part in parts {
            guard let bytes = Base64URL.decode(String(decoding: part, as: UTF8.self)) else {
                throw Violation("a part that is not base64url", part)
            }
            try require(Base64URL.encode(bytes).utf8.elementsEqual(part), "a part with a second spelling")
        }
        for key in try Recipients.shared() {
            try require((try? token.decrypted(under: key)) == nil, "decrypted without having been encrypted")
        }
        for key in try Recipients.own() {
            try require(
                (try? token.decrypted(with: key, allowing: .toPublicKey)) == nil,
                "decrypted without having been encrypted")
        }
    }

    private static func decryptsWhatAnInsiderEncrypts(_ bytes: [UInt8]) throws(Violation) {
        let parts = bytes.split(separator: 0x1F, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0) }
        let content = parts.count == 2 ? parts[1] : []
        guard let header = try? JWEHeader(parsing: parts[0]) else { return }
        for key in try Recipients.shared() where key.allows(header.algorithm, header.encryption) {
            guard let token = try? encrypt(content, header: parts[0], header.encryption, key) else {
                throw Violation("cannot be encrypted", header)
            }
            let jwe = try? CompactJWE(parsing: token)
            try require(jwe?.header == header, "two readings of one header", token)
            let opened = try? jwe?.decrypted(under: key)
            // The keys have no name, so a token that names one is for somebody else.
            try require((opened == nil) == (header.keyID != nil), "a key that is not the token's", token)
            try require(opened == nil || opened?.plaintext == Secret(content), "other content came out", token)
            try isRefusedWhenChanged(token, key)
        }
    }

    private static func encrypt(
        _ content: [UInt8], header: [UInt8], _ encryption: ContentEncryption, _ key: SharedEncryptionKey
    ) throws(JOSEError) -> String {
        let header = Base64URL.encode(header)
        let contentKey = try key.contentKey(encryption)
        let vector = [UInt8](repeating: 9, count: encryption.vectorCount)
        let sealed = try encryption.encrypt(
            content.span, under: contentKey.secret, vector: vector, authenticating: Array(header.utf8))
        return ([header] + [contentKey.encrypted, vector, sealed.ciphertext, sealed.tag].map { Base64URL.encode($0) })
            .joined(separator: ".")
    }

    /// One character in a place that the token itself picks.
    private static func isRefusedWhenChanged(_ token: String, _ key: SharedEncryptionKey) throws(Violation) {
        var characters = Array(token.utf8)
        let sum = characters.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) }
        let place = Int(sum % UInt32(characters.count))
        characters[place] = characters[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let changed = String(decoding: characters, as: UTF8.self)
        let jwe = try? CompactJWE(parsing: changed)
        try require((try? jwe?.decrypted(under: key)) == nil, "decrypted although it was changed", changed)
    }
}

/// Keys that stay the same from run to run.
private enum Recipients {
    private static let sharedKeys: [SharedEncryptionKey]? = try? [
        (KeyManagementAlgorithm.direct, 16), (.direct, 32), (.direct, 64), (.a128KW, 16), (.a256KW, 32),
    ].map { algorithm, count in
        try SharedEncryptionKey(Secret([UInt8](repeating: 7, count: count)), algorithm: algorithm)
    }

    /// RFC 7518 appendix C and RFC 8037 appendix A.6: Bob's keys.
    private static let ownKeys: [DecryptionKey]? = try? [
        DecryptionKey(privateJWK: [
            "kty": "EC", "crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck", "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
        ]),
        DecryptionKey(privateJWK: [
            "kty": "OKP", "crv": "X25519", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
            "d": "XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os",
        ]),
    ]

    static func shared() throws(Violation) -> [SharedEncryptionKey] {
        guard let sharedKeys else { throw Violation("no shared keys") }
        return sharedKeys
    }

    static func own() throws(Violation) -> [DecryptionKey] {
        guard let ownKeys else { throw Violation("no keys of one's own") }
        return ownKeys
    }
}

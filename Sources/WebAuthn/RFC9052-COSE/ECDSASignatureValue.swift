/// The spelling in which authenticators send signatures of ECDSA on P-256: WebAuthn §6.5.5, RFC 3279 §2.2.3.
enum ECDSASignatureValue {
    private static let half = 32

    /// r‖s as JOSE has it; `nil` for anything but two positive integers that fit, in their one DER spelling.
    ///
    /// A second spelling of a signature would do no harm, but nobody has a reason to make one.
    static func fixed(fromDER bytes: [UInt8]) -> [UInt8]? {
        var outer = DERReader(bytes[...])
        guard let content = outer.read(.sequence), outer.isAtEnd else { return nil }
        var inner = DERReader(content)
        guard let r = inner.readNaturalNumber(), let s = inner.readNaturalNumber(), inner.isAtEnd else { return nil }
        guard r.count <= half, s.count <= half else { return nil }
        return padded(r) + padded(s)
    }

    private static func padded(_ number: ArraySlice<UInt8>) -> [UInt8] {
        [UInt8](repeating: 0, count: half - number.count) + number
    }
}

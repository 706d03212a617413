import JOSE

/// Tokens that prove that a form was served to the browser that posts it (ASVS 3.5.1).
///
/// The token is a MAC over the browser's secret and the purpose: nothing is stored, and one form's token opens no other.
public struct FormTokens: Sendable {
    private let mac: HMACSHA256
    /// Of the predecessors of the master key: another node may still seal with one of them.
    private let older: [HMACSHA256]

    init(_ masterKey: MasterKey) {
        func mac(_ key: MasterKey) -> HMACSHA256 { HMACSHA256(key: key.subkey(purpose: "form tokens")) }
        self.mac = mac(masterKey)
        older = masterKey.predecessors.map(mac)
    }

    /// The token of a form; `purpose` names the form and what it is about.
    public func token(for purpose: String, browser secret: String) -> String {
        mac.authenticate(FormTokens.message(purpose, secret)).base64URL
    }

    /// Whether a posted token is the one of that form, in constant time.
    public func verifies(_ token: String, for purpose: String, browser secret: String) -> Bool {
        guard let bytes = Base64URL.decode(token) else { return false }
        let message = FormTokens.message(purpose, secret)
        return mac.isValid(bytes.span, for: message.span)
            || older.contains { $0.isValid(bytes.span, for: message.span) }
    }

    private static func message(_ purpose: String, _ secret: String) -> [UInt8] {
        Array(secret.utf8) + [0] + Array(purpose.utf8)
    }
}

public import JOSE

/// Tokens that prove that a form was served to the browser that posts it (ASVS 3.5.1).
///
/// The token is a MAC over the browser's secret and the purpose: nothing is stored, and one form's token opens no other.
public struct FormTokens: Sendable {
    private let key: Secret

    init(_ masterKey: MasterKey) {
        key = masterKey.subkey(purpose: "form tokens")
    }

    /// The token of a form; `purpose` names the form and what it is about.
    public func token(for purpose: String, browser secret: String) -> String {
        Base64URL.encode(mac(purpose, secret))
    }

    /// Whether a posted token is the one of that form, in constant time.
    public func verifies(_ token: String, for purpose: String, browser secret: String) -> Bool {
        guard let bytes = Base64URL.decode(token) else { return false }
        return constantTimeEquals(bytes, mac(purpose, secret))
    }

    private func mac(_ purpose: String, _ secret: String) -> [UInt8] {
        HMACSHA256.authenticate(Array(secret.utf8) + [0] + Array(purpose.utf8), with: key)
    }
}

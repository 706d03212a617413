import JOSE
import JSON
public import OAuthTypes

/// The address that somebody has typed, on its way from our page to the provider at which its owner is at home
/// (`login_hint`): sealed, so that it stands in no log, and no page of somebody else's says it.
extension Federation {
    private static let hintSealing: StaticString = "federation hint"
    private static let hintLifetime = Duration.seconds(10 * 60)

    /// A word of an address of ours; nil where it cannot be sealed.
    public func sealed(hint email: Email, in browser: TokenDigest) -> String? {
        var writer = JSONWriter(capacity: 128)
        writer.object {
            $0.member("e", email.rawValue)
            $0.member("t", (parts.clock.now + Federation.hintLifetime).microseconds)
        }
        let sealed = try? parts.masterKey.seal(
            writer.bytes, purpose: Federation.hintSealing, boundTo: browser.bytes)
        return sealed.map { Base64URL.encode($0) }
    }

    /// The address; nil where it was typed in another browser, or too long ago.
    public func hint(_ text: String, in browser: TokenDigest) -> Email? {
        guard text.utf8.count <= 2048, let sealed = Base64URL.decode(text),
            let opened = try? parts.masterKey.open(sealed, purpose: Federation.hintSealing, boundTo: browser.bytes),
            let object = opened.withBytes({ bytes in
                try? JSONObject(parsing: bytes.withUnsafeBufferPointer { Array($0) })
            }), let end = object["t"]?.integer, parts.clock.now < Timestamp(microseconds: end)
        else { return nil }
        return object["e"]?.string.flatMap { Email($0) }
    }
}

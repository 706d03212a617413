import JOSE
public import OAuthTypes
import Stores

/// An answer that the provider's page posted: OAuth 2.0 Form Post Response Mode §2.
///
/// Such a post comes without our cookies (`SameSite`), and only the state of it may stand in an address to come back
/// with: codes and names would stay in logs and histories. The rest waits in the browser, sealed, for that state.
public struct PostedAnswer: Sendable {
    /// What came back of what we sent: the state.
    public let state: String
    /// The answer, for a cookie.
    public let sealed: String

    /// How long it waits.
    public static let lifetime = Duration.seconds(60)
    /// What a cookie holds, less its name and attributes.
    private static let sizeLimit = 3800
    private static let sealing: StaticString = "federation answer"

    /// The body of a post to a connector; nil where it has no state, or is too long to be a code and a name.
    public init?(_ body: [UInt8], to upstream: Upstream) {
        guard body.count <= PostedAnswer.sizeLimit, let form = try? FormParameters(decoding: body),
            let state = form[Parameter("state")], !state.isEmpty,
            let sealed = try? upstream.parts.masterKey.seal(
                body, purpose: PostedAnswer.sealing, boundTo: PostedAnswer.binding(state, upstream))
        else { return nil }
        let text = Base64URL.encode(sealed)
        guard text.utf8.count <= PostedAnswer.sizeLimit else { return nil }
        (self.state, self.sealed) = (state, text)
    }

    /// The parameters that were posted; nil where they are of another state or connector.
    public static func parameters(_ text: String, for state: String, at upstream: Upstream) -> FormParameters? {
        guard let sealed = Base64URL.decode(text),
            let opened = try? upstream.parts.masterKey.open(
                sealed, purpose: sealing, boundTo: binding(state, upstream))
        else { return nil }
        let body = opened.withBytes { bytes in bytes.withUnsafeBufferPointer { Array($0) } }
        return try? FormParameters(decoding: body)
    }

    private static func binding(_ state: String, _ upstream: Upstream) -> [UInt8] {
        Array((upstream.connector.id.rawValue + " " + state).utf8)
    }
}

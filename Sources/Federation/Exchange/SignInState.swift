import JOSE
import JSON
public import OAuthTypes
public import Stores

/// A sign-in while the person is at the provider: everything that the answer must fit to.
///
/// It travels as `state`, sealed under the master key: whoever only opens pages makes us store nothing, and what comes
/// back counts once, in one browser, for one connector, for a while.
public struct SignInState: Sendable, Equatable {
    /// Where the person was sent.
    public let connector: ConnectorID
    /// SHA-256 of the browser's cookie.
    public let browser: TokenDigest
    /// What the sign-in is for, in words of the pages.
    public let purpose: String
    /// What the ID token must repeat: OpenID Connect Core §3.1.2.1.
    public let nonce: String
    /// What redeems the code: RFC 7636 §4.1.
    public let verifier: String
    /// Whether the provider was to ask the person again.
    public let isFresh: Bool
    /// When the person was sent.
    public let issuedAt: Timestamp

    /// How long there is for the answer.
    public static let lifetime = Duration.seconds(15 * 60)

    private static let sealing: StaticString = "federation state"

    /// A new one.
    init(
        to connector: ConnectorID, in browser: TokenDigest, for purpose: String, isFresh: Bool, at now: Timestamp,
        random: some RandomSource
    ) {
        self.connector = connector
        self.browser = browser
        self.purpose = purpose
        nonce = Base64URL.encode(random.bytes(24))
        verifier = Base64URL.encode(random.bytes(32))
        self.isFresh = isFresh
        issuedAt = now
    }

    /// The text that travels.
    func sealed(by masterKey: MasterKey) throws(JOSEError) -> String {
        var writer = JSONWriter(capacity: 384)
        writer.object {
            $0.member("b", Base64URL.encode(browser.bytes))
            $0.member("p", purpose)
            $0.member("n", nonce)
            $0.member("v", verifier)
            $0.member("f", isFresh)
            $0.member("t", issuedAt.microseconds)
        }
        return Base64URL.encode(
            try masterKey.seal(writer.bytes, purpose: SignInState.sealing, boundTo: Array(connector.rawValue.utf8)))
    }

    /// What came back at the address of a connector; nil where it is not ours, or was for another connector.
    init?(_ text: String, from connector: ConnectorID, _ masterKey: MasterKey) {
        guard text.utf8.count <= 4096, let sealed = Base64URL.decode(text),
            let opened = try? masterKey.open(
                sealed, purpose: SignInState.sealing, boundTo: Array(connector.rawValue.utf8)),
            let object = opened.withBytes({ bytes in
                try? JSONObject(parsing: bytes.withUnsafeBufferPointer { Array($0) })
            }),
            let browser = object["b"]?.string.flatMap({ Base64URL.decode($0) }).flatMap({ TokenDigest(bytes: $0) }),
            let purpose = object["p"]?.string, let nonce = object["n"]?.string, let verifier = object["v"]?.string,
            let isFresh = object["f"]?.bool, let issuedAt = object["t"]?.integer
        else { return nil }
        self.connector = connector
        self.browser = browser
        self.purpose = purpose
        self.nonce = nonce
        self.verifier = verifier
        self.isFresh = isFresh
        self.issuedAt = Timestamp(microseconds: issuedAt)
    }

    /// What `code_challenge` is for the verifier: RFC 7636 §4.2.
    var challenge: String { Base64URL.encode(SHA256.digest(of: Array(verifier.utf8)).bytes) }
}

import JOSE
import JSON
public import OAuthTypes
import Stores

/// A person at a connector who has to prove that an account here is theirs, before the two are linked.
///
/// It waits sealed in the browser in which the connector proved them, and counts nowhere else.
public struct PendingLink: Sendable, Equatable {
    /// Who they are at the connector.
    public let identity: UpstreamIdentity
    /// The account that has to be proven.
    public let userID: UserID
    /// Whether it is linked already, and only the second factor is due.
    public let isLinked: Bool

    /// How long it waits.
    public static let lifetime = Duration.seconds(10 * 60)

    /// A link that waits.
    public init(_ identity: UpstreamIdentity, to userID: UserID, isLinked: Bool = false) {
        self.identity = identity
        self.userID = userID
        self.isLinked = isLinked
    }
}

extension Federation {
    private static let linkSealing: StaticString = "federation link"

    /// The text that the browser keeps; nil where it cannot be sealed.
    public func sealed(_ pending: PendingLink, in browser: TokenDigest) -> String? {
        var writer = JSONWriter(capacity: 384)
        writer.object {
            $0.member("u", pending.userID.rawValue)
            $0.member("t", (parts.clock.now + PendingLink.lifetime).microseconds)
            $0.member("c", pending.identity.connector.rawValue)
            $0.member("s", pending.identity.subject)
            $0.member("e", pending.identity.email?.rawValue)
            $0.member("v", pending.identity.isEmailVerified)
            $0.member("n", pending.identity.name)
            $0.member("l", pending.isLinked)
            $0.member("d", pending.identity.providerSession)
            // Cookies are small: what does not fit is not kept.
            if let tokens = pending.identity.tokens.text(below: 1800) { $0.member("k", tokens) }
        }
        let sealed = try? parts.masterKey.seal(
            writer.bytes, purpose: Federation.linkSealing, boundTo: browser.bytes)
        return sealed.map { Base64URL.encode($0) }
    }

    /// What a browser kept; nil where it is not ours, of another browser, or too old.
    public func pendingLink(_ text: String, in browser: TokenDigest) -> PendingLink? {
        guard text.utf8.count <= 4096, let sealed = Base64URL.decode(text),
            let opened = try? parts.masterKey.open(sealed, purpose: Federation.linkSealing, boundTo: browser.bytes),
            let object = opened.withBytes({ bytes in
                try? JSONObject(parsing: bytes.withUnsafeBufferPointer { Array($0) })
            }),
            let user = object["u"]?.string, let end = object["t"]?.integer,
            parts.clock.now < Timestamp(microseconds: end), let connector = object["c"]?.string,
            let subject = object["s"]?.string
        else { return nil }
        var identity = UpstreamIdentity(
            connector: ConnectorID(rawValue: connector), subject: subject,
            email: object["e"]?.string.flatMap { Email($0) }, isEmailVerified: object["v"]?.bool ?? false,
            name: object["n"]?.string, methods: [], hasSecondFactor: false, providerSession: object["d"]?.string)
        if let tokens = object["k"]?.string, let kept = try? JSONObject(parsing: Array(tokens.utf8)) {
            identity.tokens = UpstreamTokens(kept)
        }
        return PendingLink(identity, to: UserID(rawValue: user), isLinked: object["l"]?.bool ?? false)
    }
}

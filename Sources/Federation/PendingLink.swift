import JOSE
import JSON
public import OAuthTypes
public import Stores

/// A person at a connector who is proven there, and waits for what is asked of them here.
///
/// All that the provider said waits sealed in the store; the browser in which they were proven has a secret that finds it,
/// and nobody else's does.
public struct PendingLink: Sendable, Equatable {
    /// What they wait for.
    public enum Goal: Sendable, Equatable {
        /// To prove that this account is theirs: then the two are linked.
        case link(UserID)
        /// For the second factor of the account that they open.
        case secondFactor(UserID)
        /// For an account of their own, once they accept what that asks; with what they were sent to the provider for.
        case account(purpose: String)
    }

    /// Who they are at the connector.
    public let identity: UpstreamIdentity
    /// What they wait for.
    public let goal: Goal

    /// How long they wait.
    public static let lifetime = Duration.seconds(10 * 60)

    /// Somebody who waits.
    public init(_ identity: UpstreamIdentity, for goal: Goal) {
        self.identity = identity
        self.goal = goal
    }

    /// The account that they wait for; nil where one is still to be made.
    public var userID: UserID? {
        switch goal {
        case .link(let user), .secondFactor(let user): user
        case .account: nil
        }
    }
}

extension Federation {
    private static let linkSealing: StaticString = "federation link"

    /// What the store keeps of somebody who waits in one browser, under the digest of the secret of a cookie.
    public func record(
        of pending: PendingLink, under digest: TokenDigest, in browser: TokenDigest
    ) throws -> PendingIdentity {
        let identity = pending.identity
        var writer = JSONWriter(capacity: 1024)
        writer.object { pending.encode(to: &$0) }
        let now = parts.clock.now
        return PendingIdentity(
            digest: digest, browser: browser, connector: identity.connector, subject: identity.subject,
            providerSession: identity.providerSession, userID: pending.userID,
            sealed: try parts.masterKey.seal(writer.bytes, purpose: Federation.linkSealing, boundTo: digest.bytes),
            createdAt: now, expiresAt: now + PendingLink.lifetime)
    }

    /// Somebody who waits; nil where they wait in another browser, or what is kept of them cannot be opened.
    public func pendingLink(_ record: PendingIdentity, in browser: TokenDigest) -> PendingLink? {
        guard constantTimeEquals(record.browser.bytes, browser.bytes),
            let opened = try? parts.masterKey.open(
                record.sealed, purpose: Federation.linkSealing, boundTo: record.digest.bytes),
            let object = opened.withBytes({ bytes in
                try? JSONObject(parsing: bytes.withUnsafeBufferPointer { Array($0) })
            })
        else { return nil }
        return PendingLink(object, record)
    }
}

extension PendingLink {
    fileprivate func encode(to writer: inout JSONWriter) {
        switch goal {
        case .link: writer.member("w", "link")
        case .secondFactor: writer.member("w", "second factor")
        case .account(let purpose):
            writer.member("w", "account")
            writer.member("p", purpose)
        }
        writer.member("e", identity.email?.rawValue)
        writer.member("v", identity.isEmailVerified)
        writer.member("n", identity.name)
        writer.member("m", identity.methods.map(\.rawValue))
        writer.member("f", identity.hasSecondFactor)
        writer.member("g", identity.groups)
        writer.member("t", identity.provenAt?.microseconds)
        if !identity.details.isEmpty {
            var details = JSONObject()
            for (field, text) in identity.details { details[field.rawValue] = .string(text) }
            writer.member("d", details)
        }
        writer.member("a", identity.typed?.rawValue)
        if let tokens = identity.tokens.text { writer.member("k", tokens) }
    }

    fileprivate init?(_ object: JSONObject, _ record: PendingIdentity) {
        switch (object["w"]?.string, record.userID) {
        case ("link"?, let user?): goal = .link(user)
        case ("second factor"?, let user?): goal = .secondFactor(user)
        case ("account"?, nil): goal = .account(purpose: object["p"]?.string ?? "")
        default: return nil
        }
        var details: [ProfileDetails.Field: String] = [:]
        for member in object["d"]?.object ?? [:] {
            ProfileDetails.Field(rawValue: member.name).map { details[$0] = member.value.string }
        }
        var identity = UpstreamIdentity(
            connector: record.connector, subject: record.subject, email: object["e"]?.string.flatMap { Email($0) },
            isEmailVerified: object["v"]?.bool ?? false, name: object["n"]?.string,
            methods: (object["m"]?.array ?? []).compactMap { $0.string.flatMap(AuthenticationMethod.init(rawValue:)) },
            hasSecondFactor: object["f"]?.bool ?? false, providerSession: record.providerSession,
            groups: object["g"]?.array?.compactMap(\.string), details: details,
            provenAt: object["t"]?.integer.map { Timestamp(microseconds: $0) })
        if let tokens = object["k"]?.string, let kept = try? JSONObject(parsing: Array(tokens.utf8)) {
            identity.tokens = UpstreamTokens(kept)
        }
        identity.typed = object["a"]?.string.flatMap { Email($0) }
        self.identity = identity
    }
}

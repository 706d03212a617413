public import JOSE
import JSON
public import OAuthTypes
import Stores

/// The tokens that a provider gave with a sign-in, as far as they are kept.
public struct UpstreamTokens: Sendable, Equatable {
    /// What opens the provider's interfaces; nil where the connector does not keep it.
    public var accessToken: String?
    /// When that one is too old; nil where the provider does not say.
    public var expiresAt: Timestamp?
    /// What renews it.
    public var refreshToken: String?
    /// What it is good for.
    public var scope: String?
    /// The ID token, by which the provider knows its session again.
    public var idToken: String?
    /// Where the provider signs people out, as it said when the session began.
    var endSessionEndpoint: String?
    /// Until when somebody renews them; nil for nobody.
    var renewedUntil: Timestamp?

    /// None.
    public init() {}

    var isEmpty: Bool { self == UpstreamTokens() }

    private static let sealing: StaticString = "upstream tokens"

    /// The tokens for the store; nil where there are none.
    public func sealed(for session: SessionID, by masterKey: MasterKey) throws -> [UInt8]? {
        guard !isEmpty else { return nil }
        var writer = JSONWriter(capacity: 1024)
        writer.object { encode(to: &$0) }
        return try masterKey.seal(
            writer.bytes, purpose: UpstreamTokens.sealing, boundTo: Array(session.rawValue.utf8))
    }

    /// What the store has; nil where it cannot be opened.
    public init?(_ sealed: [UInt8], of session: SessionID, _ masterKey: MasterKey) {
        guard
            let opened = try? masterKey.open(
                sealed, purpose: UpstreamTokens.sealing, boundTo: Array(session.rawValue.utf8)),
            let object = opened.withBytes({ bytes in
                try? JSONObject(parsing: bytes.withUnsafeBufferPointer { Array($0) })
            })
        else { return nil }
        self.init(object)
    }

    /// The tokens as a text; nil for none.
    var text: String? {
        guard !isEmpty else { return nil }
        var writer = JSONWriter(capacity: 1024)
        writer.object { encode(to: &$0) }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    init(_ object: JSONObject) {
        accessToken = object["a"]?.string
        expiresAt = object["e"]?.integer.map { Timestamp(microseconds: $0) }
        refreshToken = object["r"]?.string
        scope = object["s"]?.string
        idToken = object["i"]?.string
        endSessionEndpoint = object["o"]?.string
        renewedUntil = object["u"]?.integer.map { Timestamp(microseconds: $0) }
    }

    func encode(to writer: inout JSONWriter) {
        writer.member("a", accessToken)
        writer.member("e", expiresAt?.microseconds)
        writer.member("r", refreshToken)
        writer.member("s", scope)
        writer.member("i", idToken)
        writer.member("o", endSessionEndpoint)
        writer.member("u", renewedUntil?.microseconds)
    }
}

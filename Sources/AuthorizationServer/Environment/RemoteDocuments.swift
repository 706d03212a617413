public import OAuthTypes
public import Stores

/// Fetches what the registration of a client points at: key sets, sector documents, request objects, logos.
///
/// Whoever implements it keeps such addresses away from our own network.
public protocol RemoteDocuments: Sendable {
    /// The content at an address; throws where it is not there, has more than `limit` bytes or takes too long, and
    /// `RemoteCongestion` where nothing was asked.
    func fetch(
        _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
    ) async throws -> RemoteDocument
}

/// Who chose an address: strangers share what room there is for them, and take none of the operator's clients.
public enum AddressParty: Sendable, Equatable {
    /// The operator, by configuration or by registering a client.
    case operators
    /// Whoever registered a client over HTTP.
    case strangers

    /// Who chose the addresses of a client.
    public init(_ client: Client) { self = client.isSelfRegistered ? .strangers : .operators }
}

/// We had no room to send anything, or are stopping: nobody was asked, and nothing is known of the address.
public struct RemoteCongestion: Error {
    /// That.
    public init() {}
}

/// What was found at an address.
public struct RemoteDocument: Sendable, Equatable {
    /// The content.
    public let bytes: [UInt8]
    /// Its media type, in small letters and without parameters; nil where it has none.
    public let type: String?
    /// How long it may be kept, as it says itself; nil where it does not.
    public let lifetime: Duration?

    /// A document.
    public init(bytes: [UInt8], type: String?, lifetime: Duration? = nil) {
        self.bytes = bytes
        self.type = type
        self.lifetime = lifetime
    }
}

/// Nothing is fetched: for tools and tests.
public struct NoRemoteDocuments: RemoteDocuments {
    /// Why nothing comes.
    public struct Refused: Error, Sendable {
        /// A refusal.
        public init() {}
    }

    /// Fetches nothing.
    public init() {}

    /// Throws.
    public func fetch(
        _ address: WebAddress, of party: AddressParty, accepting type: String, limit: Int
    ) async throws -> RemoteDocument {
        throw Refused()
    }
}

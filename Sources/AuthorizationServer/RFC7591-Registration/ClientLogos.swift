import JOSE
public import OAuthTypes
public import Stores

/// The pictures that clients registered: RFC 7591 §2, fetched and kept here for a while.
///
/// A page never links to where a client has its logo: whoever is asked there would learn who signs in where.
public final class ClientLogos: Sendable {
    /// The most bytes of a picture.
    public static let largest = 64 * 1024
    /// How long one is kept, whatever its answer says.
    static let lifetime: ClosedRange<Duration> = .seconds(3600) ... .seconds(24 * 3600)
    /// For how long there is none where there was none.
    static let pause = Duration.seconds(60)

    private let documents: any RemoteDocuments
    private let cache: RemoteCache<RasterPicture>

    /// The pictures that clients of an environment registered: four MiB at most.
    public init(_ environment: ServerEnvironment) {
        documents = environment.documents
        cache = RemoteCache(capacity: 64, fetches: 4, clock: environment.clock)
    }

    /// What stands for an address in one of ours: nobody can have anything else fetched than what is registered.
    public static func name(of address: WebAddress) -> String {
        String(SHA256.digest(of: address.rawValue).base64URL.prefix(22))
    }

    /// The picture of a client that has this name; nil where it has none, or it cannot be had now.
    public func picture(named name: String, of client: Client) async -> RasterPicture? {
        let addresses = client.metadata.logoURI.values
        guard let address = addresses.first(where: { ClientLogos.name(of: $0).utf8.elementsEqual(name.utf8) }) else {
            return nil
        }
        guard case .found(let picture) = await cache.value(named: address.rawValue, fetch: { await fetch(address) })
        else { return nil }
        return picture
    }

    private func fetch(_ address: WebAddress) async -> (value: RasterPicture?, lifetime: Duration) {
        let document = try? await documents.fetch(
            address, accepting: "image/png, image/jpeg, image/webp, image/gif", limit: ClientLogos.largest)
        guard let document, let picture = RasterPicture(document.bytes),
            document.type.map({ $0 == picture.type }) ?? true
        else { return (nil, ClientLogos.pause) }
        let bounds = ClientLogos.lifetime
        return (picture, min(max(document.lifetime ?? .zero, bounds.lowerBound), bounds.upperBound))
    }
}

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
        cache = RemoteCache(capacity: 64, fetches: 8, clock: environment.clock)
    }

    /// What stands for an address in one of ours: nobody can have anything else fetched than what is registered.
    public static func name(of address: WebAddress) -> String {
        String(SHA256.digest(of: address.rawValue).base64URL.prefix(22))
    }

    /// What came of looking for a picture.
    public enum Outcome: Sendable {
        /// It is there.
        case picture(RasterPicture)
        /// The client has none of that name, or it cannot be had.
        case nothing
        /// Too many are being fetched.
        case busy
    }

    /// The picture of a client that has this name; `admit` is asked before one is fetched, and may say no.
    public func picture(
        named name: String, of client: Client, admitting admit: () -> Bool = { true }
    ) async -> Outcome {
        let addresses = client.metadata.logoURI.values
        guard let address = addresses.first(where: { ClientLogos.name(of: $0).utf8.elementsEqual(name.utf8) }) else {
            return .nothing
        }
        return
            switch await cache.value(
                at: address, for: client, fetch: { admit() ? await fetch(address, of: AddressParty(client)) : .unasked }
            )
        {
        case .found(let picture): .picture(picture)
        case .nothing: .nothing
        case .busy: .busy
        }
    }

    private func fetch(_ address: WebAddress, of party: AddressParty) async -> RemoteCache<RasterPicture>.Answer {
        let document: RemoteDocument
        do {
            document = try await documents.fetch(
                address, of: party, accepting: "image/png, image/jpeg, image/webp, image/gif",
                limit: ClientLogos.largest)
        } catch is RemoteCongestion {
            return .unasked
        } catch {
            return .nothing(for: ClientLogos.pause)
        }
        guard let picture = RasterPicture(document.bytes), document.type.map({ $0 == picture.type }) ?? true else {
            return .nothing(for: ClientLogos.pause)
        }
        let bounds = ClientLogos.lifetime
        return .value(picture, for: min(max(document.lifetime ?? .zero, bounds.lowerBound), bounds.upperBound))
    }
}

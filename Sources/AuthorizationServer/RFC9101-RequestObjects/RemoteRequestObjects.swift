import OAuthTypes
import Stores

/// Request objects at addresses that their clients registered: RFC 9101 §5.2, OpenID Connect Core §6.2.
///
/// A fragment is not sent; by another one its client says that there is another object, which is fetched a few seconds
/// later than the one before at most. It is not compared with the content: certification has it before there is any.
final class RemoteRequestObjects: Sendable {
    /// How long an object is used, whatever its answer says; and for how long there is none where there was none.
    static let lifetime: ClosedRange<Duration> = .seconds(5) ... .seconds(3600)
    /// Fetches at once.
    static let fetches = 16
    /// What an answer may say that it is; nothing is sniffed, and the signature decides.
    private static let types: Set<String> = [
        "application/oauth-authz-req+jwt", "application/jwt", "application/jose", "text/plain",
        "application/octet-stream",
    ]

    private let documents: any RemoteDocuments
    private let cache: RemoteCache<String>

    init(_ documents: any RemoteDocuments, clock: any TimeSource) {
        self.documents = documents
        cache = RemoteCache(capacity: 256, fetches: RemoteRequestObjects.fetches, clock: clock)
    }

    /// The object at an address, as it is there or was a short while ago.
    func text(at address: RequestObjectAddress, of client: Client) async throws(OAuthError) -> String {
        let outcome = await cache.value(at: address.address, version: address.rawValue, for: client) {
            await fetch(address.address, of: AddressParty(client))
        }
        switch outcome {
        case .found(let text): return text
        case .busy:
            throw OAuthError(
                .temporarilyUnavailable, "too many request objects are being fetched; try again", rule: "RFC 9101 §5.2")
        case .nothing:
            throw OAuthError(
                .invalidRequestURI, "there is no request object at request_uri",
                advice:
                    "nothing could be fetched from \(address): it must be reachable from the internet, answer within "
                    + "seconds with at most \(RequestObjectReader.limit) bytes, and name a type such as "
                    + "application/oauth-authz-req+jwt", rule: "RFC 9101 §5.2.3, OpenID Connect Core §6.2")
        }
    }

    private func fetch(_ address: WebAddress, of party: AddressParty) async -> RemoteCache<String>.Answer {
        let bounds = RemoteRequestObjects.lifetime
        let document: RemoteDocument
        do {
            document = try await documents.fetch(
                address, of: party, accepting: "application/oauth-authz-req+jwt, application/jwt",
                limit: RequestObjectReader.limit)
        } catch is RemoteCongestion {
            return .unasked
        } catch {
            return .nothing(for: bounds.lowerBound)
        }
        guard document.type.map(RemoteRequestObjects.types.contains) ?? true,
            var text = String(validating: document.bytes, as: UTF8.self)
        else { return .nothing(for: bounds.lowerBound) }
        // Files end in a line feed.
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return .value(text, for: min(max(document.lifetime ?? .zero, bounds.lowerBound), bounds.upperBound))
    }
}

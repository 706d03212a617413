import JSON
import OAuthTypes
import Stores

/// The document that says which addresses are one sector: OpenID Connect Registration §5.
enum SectorDocument {
    private static let largest = 64 * 1024

    /// Throws unless every redirect URI is in the list at the address, where one was registered.
    static func check(_ document: ClientDocument, in environment: ServerEnvironment) async throws {
        guard let address = document.metadata.sectorIdentifierURI else { return }
        let member = "sector_identifier_uri"
        let listed = try await list(at: address, in: environment)
        guard let listed else { throw RegistrationRefusal(member, "could not be fetched as a JSON array") }
        let addresses = Set(listed.compactMap { $0.string.map { Array($0.utf8) } })
        guard document.redirectURIs.allSatisfy({ addresses.contains(Array($0.rawValue.utf8)) }) else {
            throw RegistrationRefusal(member, "must list every one of the redirect_uris")
        }
    }

    /// What is there, if it is a list; an address is fetched for strangers, since who registers over HTTP is one.
    private static func list(at address: WebAddress, in environment: ServerEnvironment) async throws -> [JSONValue]? {
        do {
            let answer = try await environment.documents.fetch(
                address, of: .strangers, accepting: "application/json", limit: largest)
            return try JSONValue(parsing: answer.bytes).array
        } catch is RemoteCongestion {
            throw OAuthError(
                .temporarilyUnavailable, "too many addresses of clients are being fetched; try again",
                advice: "as many are fetched for strangers as there is room for; nothing was asked at this one",
                rule: "OpenID Connect Registration §5")
        } catch {
            return nil
        }
    }
}

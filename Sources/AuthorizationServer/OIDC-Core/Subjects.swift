import JOSE
import OAuthTypes
import Stores

/// What a person is called at a client: `sub`, OpenID Connect Core §8.
///
/// A pairwise name is a MAC over the client's sector and the person: the same in a sector, unrelated in another, and
/// nothing is stored. Its key comes of the oldest master key there is, so that names stay when the master key is replaced,
/// as long as the old one is kept beside it.
struct Subjects: Sendable {
    private let mac: HMACSHA256

    init(_ masterKey: MasterKey) {
        let oldest = masterKey.all.last ?? masterKey
        mac = HMACSHA256(key: oldest.subkey(purpose: "pairwise subjects"))
    }

    /// The name of a person at a client; of a client that is gone, or without one, the person's own.
    func subject(of user: UserID, at client: Client?) -> String {
        guard let client, client.metadata.subjectType == .pairwise else { return user.rawValue }
        let message = Array(client.sector.utf8) + [0] + Array(user.rawValue.utf8)
        return mac.authenticate(message).base64URL
    }

    /// Whether a text is the name of a person at a client.
    func isSubject(_ text: String, of user: UserID, at client: Client?) -> Bool {
        text.utf8.elementsEqual(subject(of: user, at: client).utf8)
    }
}

extension Client {
    /// Its sector: §8.1: the host of `sector_identifier_uri`, else of its redirect URIs.
    ///
    /// Where these have several hosts, which registration refuses for want of a sector, it is alone in one of its own.
    var sector: String {
        if let address = metadata.sectorIdentifierURI { return address.host }
        let hosts = Set(redirectURIs.map { WebAddress($0.rawValue)?.host ?? $0.displayHost.lowercased() })
        return hosts.count == 1 ? hosts.first ?? id.rawValue : "client " + id.rawValue
    }
}

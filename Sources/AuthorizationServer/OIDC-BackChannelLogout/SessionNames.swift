import JOSE
import OAuthTypes
import Stores

/// What a session is called at a client: `sid`, Back-Channel Logout §2.1, Front-Channel Logout §3.
///
/// A MAC over client and session: two clients that compare what they have cannot tell that one browser visits both, as
/// pairwise subjects keep apart one person. Nothing is stored; the key comes of the oldest master key, as theirs does.
struct SessionNames: Sendable {
    private let mac: HMACSHA256

    init(_ masterKey: MasterKey) {
        mac = HMACSHA256(key: (masterKey.all.last ?? masterKey).subkey(purpose: "session names"))
    }

    /// The name of a session at a client.
    func name(of session: SessionID, at client: ClientID) -> String {
        mac.authenticate(Array(client.rawValue.utf8) + [0] + Array(session.rawValue.utf8)).base64URL
    }
}

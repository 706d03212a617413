import OAuthTypes
import Stores

/// A client on a person's own device, judged by the address of its answers: RFC 8252 §7, §8.6.
///
/// The floating port of loopback addresses (§7.3) is `RedirectURI.matches`.
enum NativeApplication {
    /// Whether any program on the device can pose as the client: it keeps no secret and takes answers at an address
    /// that others can take too; or nobody but itself has said what it is (RFC 7591 §5).
    ///
    /// Such a client is never let through without asking the person.
    static func canBePosedAs(_ client: Client, at redirectURI: RedirectURI) -> Bool {
        client.isPublic && (redirectURI.staysOnDevice || client.isSelfRegistered)
    }
}

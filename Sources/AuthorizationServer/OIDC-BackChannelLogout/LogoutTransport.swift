public import OAuthTypes
public import Stores

/// Takes logout tokens to clients: Back-Channel Logout §2.5.
///
/// Whoever implements it follows no redirects, waits for a few seconds at most, and goes into our own network only for
/// clients that an operator has registered.
public protocol LogoutTransport: Sendable {
    /// Posts a form and answers the status; throws where no answer came, `RemoteCongestion` where nothing was sent.
    func post(_ form: [UInt8], to address: WebAddress, of client: Client) async throws -> Int
}

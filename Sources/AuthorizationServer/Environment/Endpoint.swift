public import JSON
public import OAuthTypes
public import Stores

/// Where an endpoint lives and who may call it; the web layer mounts endpoints from this alone.
public struct Route: Sendable, Hashable {
    /// Who may call.
    public enum Caller: Sendable {
        /// A client that has authenticated.
        case client
        /// Anybody.
        case anyone
    }

    /// The path below the issuer.
    public let path: String
    /// Who may call.
    public let caller: Caller

    init(_ path: String, caller: Caller) {
        self.path = path
        self.caller = caller
    }
}

/// An endpoint that clients call with a form, on the back channel, and that answers with JSON.
public protocol Endpoint: Sendable {
    /// What it answers.
    associatedtype Response: JSONEncodable
    /// Where it is.
    static var route: Route { get }
    /// Answers a form that an authenticated client posted.
    func respond(to form: FormParameters, from client: Client) async throws -> Response
}

public import JSON
public import OAuthTypes
public import Stores

/// An endpoint that clients call with a form, on the back channel, and that answers with JSON.
public protocol Endpoint: Sendable {
    /// What it answers.
    associatedtype Response: JSONEncodable
    /// The path below the issuer.
    static var path: String { get }
    /// Answers a form that an authenticated client posted.
    func respond(to form: FormParameters, from client: Client) async throws -> Response
}

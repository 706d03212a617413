/// Requests to other servers, as this module needs them: addresses that the operator chose, https, bounded in time.
public protocol WebFetch: Sendable {
    /// The content of an answer with status 200; throws for any other, and where none comes in time.
    func get(_ address: String, fields: [(name: String, value: String)]) async throws -> [UInt8]
    /// The same for a posted form.
    func post(_ form: [(name: String, value: String)], to address: String) async throws -> [UInt8]
}

public import OAuthTypes

/// The code with which a body refuses; nil where it succeeds or breaks in another way.
public func refusal<Value>(of body: () async throws -> Value) async -> OAuthError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? OAuthError)?.code
    }
}

import AuthorizationServer
import HTTP

/// Discovery documents and key set: RFC 8414, OpenID Connect Discovery §4, RFC 7517 §5, RFC 9728.
struct MetadataRoutes: Sendable {
    let documents: PublishedDocuments
    let answers: JSONAnswers

    init(_ parts: Site.Parts, _ documents: PublishedDocuments) {
        self.documents = documents
        answers = JSONAnswers(parts)
    }

    var routes: [Route] {
        let documents = documents
        let answers = answers
        return [
            Route(.get, ServerMetadata.openIDPath) { _ in publish(documents.metadata) },
            Route(.options, ServerMetadata.openIDPath) { [answer = answers.preflight("GET, HEAD")] _ in answer },
            Route(.get, ServerMetadata.keySetPath) { _ in publish(documents.keySet) },
            Route(.options, ServerMetadata.keySetPath) { [answer = answers.preflight("GET, HEAD")] _ in answer },
        ]
    }

    func oauthMetadataRoutes(_ issuerPath: String) -> [Route] {
        let documents = documents
        let answers = answers
        return [
            Route(.get, ServerMetadata.oauthPath + issuerPath) { _ in publish(documents.metadata) },
            Route(.options, ServerMetadata.oauthPath + issuerPath) { [answer = answers.preflight("GET, HEAD")] _ in
                answer
            },
        ] + resourceMetadataRoutes(issuerPath)
    }

    /// RFC 9728 §3.1.
    private func resourceMetadataRoutes(_ issuerPath: String) -> [Route] {
        let path = ProtectedResourceMetadata.path + issuerPath + UserInfoEndpoint.path
        let documents = documents
        return [
            Route(.get, path) { _ in publish(documents.userInfo) },
            Route(.options, path) { [answer = answers.preflight("GET, HEAD")] _ in answer },
        ]
    }
}

private func publish(_ document: PreparedResponse?) -> Response {
    document.map { .prepared($0) } ?? Response(.serviceUnavailable, headers: ["Retry-After": Failure.retryAfter])
}

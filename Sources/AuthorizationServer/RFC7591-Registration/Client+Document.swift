import OAuthTypes
public import Stores

extension Client {
    /// The client as a document describes it from now on; identifier, secret and whose it is stay.
    ///
    /// Another way to authenticate is taken where it needs no secret, or where there is one.
    public func described(by document: ClientDocument) throws(RegistrationRefusal) -> Client {
        var client = self
        client.name = document.metadata.clientName.plain?.rawValue ?? (DisplayText(name) == nil ? name : id.rawValue)
        client.redirectURIs = document.redirectURIs
        client.postLogoutRedirectURIs = document.postLogoutRedirectURIs
        client.grantTypes = document.grantTypes ?? [.authorizationCode]
        client.scopes = document.scopes ?? []
        client.metadata = document.metadata
        client.metadata.clientName.plain = nil
        // One who may use several ways keeps them all unless another one is named.
        if let method = document.authenticationMethod, method != ClientDocument(self).authenticationMethod {
            client.authenticationMethods = [method]
            switch method {
            case .none, .privateKeyJWT:
                client.secretDigest = nil
                client.sealedSecret = nil
                client.formerSecret = nil
            case .clientSecretBasic, .clientSecretPost, .clientSecretJWT:
                guard secretDigest != nil, method != .clientSecretJWT || sealedSecret != nil else {
                    throw RegistrationRefusal("token_endpoint_auth_method", "needs a secret, which this client lacks")
                }
            }
        }
        return client
    }
}

/// The closed list: code, sentence for the client, section, and where the operator's advice comes from.
enum RefusalList {
    static let text = """
        accessDenied | the person did not allow the request | RFC 6749 §4.1.2.1 | nothing
        accountSelectionRequired | the person has to choose an account | OpenID Connect Core §3.1.2.6 | advice
        consentRequired | the person has not allowed this yet | OpenID Connect Core §3.1.2.6 | advice
        insufficientScope | the access token lacks the scope of this interface | RFC 6750 §3.1 | advice
        insufficientScope | the access token needs the scope openid and a person | OpenID Connect Core §5.3 | advice
        insufficientScope | the operator has taken this registration over; it can be read and removed | RFC 7592 §2.2 | advice
        invalidClient | a client without credentials cannot ask about tokens | RFC 7662 §2.1, §4 | advice
        invalidClient | client authentication failed | handed on | advice
        invalidClient | client_id differs from the authenticated client | RFC 6749 §2.3.1, RFC 7521 §4.2 | advice
        invalidClient | the Authorization header holds no Basic credentials | RFC 6749 §2.3.1, RFC 7617 §2 | advice
        invalidClient | the client assertion is malformed or of another type | RFC 7521 §4.2, RFC 7523 §2.2 | advice
        invalidClient | the client did not authenticate | RFC 6749 §2.3.1, §5.2 | nearest
        invalidGrant | code_verifier came for a request that had no code_challenge | RFC 9700 §4.8.2, RFC 7636 §4.6 | advice
        invalidGrant | code_verifier does not answer the code_challenge | RFC 7636 §4.6 | advice
        invalidGrant | redirect_uri differs from the one of the authorization request | RFC 6749 §4.1.3 | advice
        invalidGrant | redirect_uri of the authorization request is missing | RFC 6749 §4.1.3 | advice
        invalidGrant | the code is unknown or has expired | RFC 6749 §4.1.2, §5.2 | advice
        invalidGrant | the code was issued to another client | RFC 6749 §4.1.3, §5.2 | advice
        invalidGrant | the code was used before; what it issued is revoked | RFC 6749 §4.1.2, §10.5 | advice
        invalidGrant | the grant was withdrawn | RFC 6749 §4.1.2, §5.2 | advice
        invalidGrant | the grant was withdrawn | RFC 6749 §5.2 | advice
        invalidGrant | the refresh token is unknown or has expired | RFC 6749 §6, §5.2 | advice
        invalidGrant | the refresh token was issued to another client | RFC 6749 §6, §10.4 | advice
        invalidGrant | the refresh token was revoked | RFC 6749 §6, RFC 7009 §2.1 | advice
        invalidGrant | the refresh token was used before; its family is revoked | RFC 9700 §4.14.2, RFC 6749 §10.4 | advice
        invalidGrant | the token was issued to another client | RFC 7009 §2.1 | advice
        invalidRequest | a claim is asked for by null or an object | OpenID Connect Core §5.5.1 | advice
        invalidRequest | a member of claims must be an object of claims | OpenID Connect Core §5.5 | advice
        invalidRequest | a parameter was sent more than once | RFC 6749 §3.1, §3.2 | nearest
        invalidRequest | an access token must not be in the address | RFC 6750 §2.3, RFC 9700 §4.3.2 | advice
        invalidRequest | claims and resources say more than can be kept | OpenID Connect Core §5.5, RFC 8707 §2 | advice
        invalidRequest | claims must be a JSON object with the members userinfo and id_token | OpenID Connect Core §5.5 | advice
        invalidRequest | client_id differs from the audience of id_token_hint | OpenID Connect RP-Initiated Logout §2 | advice
        invalidRequest | client_id is missing or names no client | RFC 6749 §2.2, §4.1.1 | nearest
        invalidRequest | client_id or redirect_uri was sent more than once | RFC 6749 §3.1 | advice
        invalidRequest | code is missing | RFC 6749 §4.1.3 | advice
        invalidRequest | code_challenge is required (RFC 7636) | RFC 7636 §4.3, §4.4.1 | nearest
        invalidRequest | code_challenge must be 43 base64url characters | RFC 7636 §4.2 | nearest
        invalidRequest | code_challenge_method must be S256 | RFC 7636 §4.2, §4.3 | nearest
        invalidRequest | code_verifier must be 43 to 128 unreserved characters | RFC 7636 §4.1 | advice
        invalidRequest | grant_type is missing | RFC 6749 §4.1.3, §5.2 | nearest
        invalidRequest | id_token_hint is not an ID token of this issuer | OpenID Connect Core §3.1.2.1, §3.1.2.2 | advice
        invalidRequest | id_token_hint is not an ID token of this issuer | OpenID Connect RP-Initiated Logout §2 | advice
        invalidRequest | logout_token is missing | OpenID Connect Back-Channel Logout §2.5 | advice
        invalidRequest | max_age must be a number of seconds, not negative | OpenID Connect Core §3.1.2.1 | advice
        invalidRequest | post_logout_redirect_uri is not registered for the client | OpenID Connect RP-Initiated Logout §3 | nearest
        invalidRequest | prompt has a value that is not supported | OpenID Connect Core §3.1.2.1 | advice
        invalidRequest | prompt none cannot be combined with another value | OpenID Connect Core §3.1.2.1 | advice
        invalidRequest | redirect_uri is missing or is not registered for this client | RFC 6749 §3.1.2.3, RFC 9700 §4.1.3 | nearest
        invalidRequest | refresh_token is missing | RFC 6749 §6 | advice
        invalidRequest | request and request_uri exclude each other | RFC 9101 §5, OpenID Connect Core §6.1 | advice
        invalidRequest | response_mode must be query, fragment or form_post | OAuth 2.0 Multiple Response Types §2.1 | advice
        invalidRequest | response_mode must not be query where an ID token is in the answer | OAuth 2.0 Multiple Response Types §3 | advice
        invalidRequest | response_type is missing | RFC 6749 §3.1.1 | nearest
        invalidRequest | the Authorization header is malformed | RFC 6750 §2.1 | advice
        invalidRequest | the Authorization header was sent more than once | RFC 9110 §5.3, §11.6.2 | advice
        invalidRequest | the access token was sent by more than one method | RFC 6750 §2 | advice
        invalidRequest | the access token was sent more than once | RFC 6750 §2, §3.1 | advice
        invalidRequest | the client authenticated by more than one method | RFC 6749 §2.3 | advice
        invalidRequest | the client must send a signed request object | RFC 9101 §10.5 | advice
        invalidRequest | the content is too large | RFC 9110 §15.5.14 | nothing
        invalidRequest | the content type must be application/x-www-form-urlencoded | RFC 6749 §3.1, appendix B | advice
        invalidRequest | the content type must be application/x-www-form-urlencoded | RFC 6749 §3.2, appendix B | advice
        invalidRequest | the form is malformed | RFC 6749 appendix B | advice
        invalidRequest | the logout token is not valid here | OpenID Connect Back-Channel Logout §2.6 | advice
        invalidRequest | the query is malformed | RFC 6749 §3.1, appendix B | advice
        invalidRequest | the request is malformed or repeats a parameter | OpenID Connect RP-Initiated Logout §2 | advice
        invalidRequest | the request is malformed or too long | RFC 6749 §3.1, §4.1.1 | advice
        invalidRequest | the session did not begin there, has ended, or no token of it is kept | RFC 6750 §3.1 | advice
        invalidRequest | there is no such connector | RFC 9110 §15.5.5 | advice
        invalidRequest | this response_type needs nonce and the scope openid | OpenID Connect Core §3.3.2.11 | advice
        invalidRequest | token is missing | RFC 7009 §2.1 | advice
        invalidRequest | token is missing | RFC 7662 §2.1 | advice
        invalidRequestObject | a request object must not hold request or request_uri | RFC 9101 §4 | advice
        invalidRequestObject | aud in the request object does not name this issuer | RFC 9101 §4, FAPI 2.0 Message Signing §5.3.1 | advice
        invalidRequestObject | client_id in the request object is missing or another one | RFC 9101 §5, §6.3 | advice
        invalidRequestObject | exp or nbf is missing in the request object | FAPI 2.0 Message Signing §5.3.1 | advice
        invalidRequestObject | iss in the request object is not the client | RFC 9101 §4 | advice
        invalidRequestObject | iss is missing in the request object | RFC 9101 §4, FAPI 2.0 Message Signing §5.3.1 | advice
        invalidRequestObject | response_type or client_id differs between request and request object | OpenID Connect Core §6.1 | advice
        invalidRequestObject | sub in the request object must not be the client | RFC 9101 §10.8 | advice
        invalidRequestObject | the request object cannot be verified | RFC 9101 §6.1, §6.2 | advice
        invalidRequestObject | the request object has expired | RFC 7519 §4.1.4 | advice
        invalidRequestObject | the request object is not valid yet | RFC 7519 §4.1.5 | advice
        invalidRequestObject | the request object is not valid yet | RFC 7519 §4.1.5, §4.1.6 | advice
        invalidRequestObject | the request object lives longer than an hour, or is older | FAPI 2.0 Message Signing §5.3.1 | advice
        invalidRequestObject | the request object says too much, or nothing readable | RFC 9101 §4, §6.3 | advice
        invalidRequestObject | the request object was used before | RFC 7519 §4.1.7, FAPI 2.0 Message Signing §5.3.1 | advice
        invalidRequestURI | request_uri is not registered for this client | RFC 9101 §5.2, §10.4, OpenID Connect Core §6.2 | advice
        invalidRequestURI | there is no request object at request_uri | RFC 9101 §5.2.3, OpenID Connect Core §6.2 | advice
        invalidScope | none of the requested scopes can be granted | RFC 6749 §3.3, OpenID Connect Core §11 | advice
        invalidScope | none of the requested scopes exists | RFC 6749 §3.3, OpenID Connect Core §3.1.2.1 | nearest
        invalidScope | none of the scopes means anything at one of the resources named | RFC 8707 §2.2, RFC 6749 §3.3 | advice
        invalidScope | offline_access needs prompt=consent, or another scope beside it | OpenID Connect Core §11 | advice
        invalidScope | scope goes beyond what was granted | RFC 6749 §6 | advice
        invalidScope | scope is malformed or too long | RFC 6749 §3.3, appendix A.4 | advice
        invalidScope | scope is missing | RFC 6749 §3.3 | nearest
        invalidScope | the client may not ask for one of the requested scopes | RFC 6749 §3.3 | nearest
        invalidScope | the client may not have one of the requested scopes for itself | RFC 6749 §3.3, §4.4.2 | advice
        invalidTarget | one of the resources is not among those that were granted | RFC 8707 §2.2 | advice
        invalidTarget | one of the resources is not there, or not for this client | RFC 8707 §2 | advice
        invalidTarget | resource must be an absolute URI without a fragment | RFC 8707 §2 | advice
        invalidTarget | the request names too many resources | RFC 8707 §2 | advice
        invalidTarget | these resources take tokens of different kinds; ask for one resource at a time | RFC 8707 §2.2 | advice
        invalidToken | the access token is malformed, expired or not of this issuer | RFC 9068 §4, RFC 6750 §3.1 | advice
        invalidToken | the access token was revoked | RFC 6750 §3.1 | advice
        invalidToken | the access token was revoked | RFC 6750 §3.1, OpenID Connect Core §5.3.3 | advice
        invalidToken | the access token was revoked, or is not for this | RFC 6750 §3.1 | advice
        invalidToken | the initial access token is unknown, used up or has expired | RFC 7591 §3 | advice
        invalidToken | the registration access token is not that of this client | RFC 7592 §2.1 | advice
        loginRequired | the person is not signed in, or not recently enough | OpenID Connect Core §3.1.2.6 | advice
        registrationNotSupported | the registration parameter is not supported | OpenID Connect Core §7.2.1, §3.1.2.6 | advice
        requestNotSupported | the client has registered no key that a request object could be signed with | RFC 9101 §6.2, OpenID Connect Core §3.1.2.6 | advice
        requestURINotSupported | the client has registered no address of request objects | RFC 9101 §5.2, OpenID Connect Core §3.1.2.6 | advice
        serverError | the client has no key that this answer could be encrypted to | OpenID Connect Core §10.2 | nothing
        serverError | the server failed; its log knows the request | RFC 6749 §5.2 | nothing
        serverError | the server failed; its log knows why | RFC 6749 §4.1.2.1 | nothing
        temporarilyUnavailable | too many addresses of clients are being fetched; try again | OpenID Connect Registration §5 | advice
        temporarilyUnavailable | the client was changed by another request; try again | RFC 7592 §2.2 | nothing
        temporarilyUnavailable | the keys cannot be had | OpenID Connect Back-Channel Logout §2.6 | advice
        temporarilyUnavailable | the provider gives no new token at the moment | RFC 6749 §6 | advice
        temporarilyUnavailable | the server cannot reach its records; try again | RFC 6749 §4.1.2.1 | nothing
        temporarilyUnavailable | the server has too much to do; try again in a moment | RFC 6749 §5.2, RFC 9110 §15.6.4 | nothing
        temporarilyUnavailable | the server is busy; try again in a moment | RFC 6749 §5.2, RFC 9110 §15.6.4 | nothing
        temporarilyUnavailable | too many request objects are being fetched; try again | RFC 9101 §5.2 | nothing
        unauthorizedClient | a public client cannot act for itself | RFC 6749 §4.4 | advice
        unauthorizedClient | the client is not registered for the authorization_code grant | RFC 6749 §4.1.2.1 | nearest
        unauthorizedClient | the client is not registered for this grant_type | RFC 6749 §5.2 | nearest
        unmetAuthenticationRequirements | the person cannot sign in as strongly as the client wants | OpenID Connect Core Unmet Authentication Requirements §2, RFC 9470 §4 | advice
        unsupportedGrantType | this grant_type is not supported | RFC 6749 §5.2 | nearest
        unsupportedResponseType | this response_type is not there for the client; use code | RFC 6749 §3.1.1, §4.1.2.1 | nearest
        unsupportedTokenType | an ID token cannot be revoked | RFC 7009 §2.2.1 | advice
        """
}

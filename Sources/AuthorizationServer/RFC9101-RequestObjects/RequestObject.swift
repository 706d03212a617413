import JOSE
import JSON
import OAuthTypes
import Stores

/// An authorization request as a JWT of its client: RFC 9101, OpenID Connect Core §6.
///
/// Signed by the client, perhaps encrypted to us, sent along or fetched from where the client registered it. What it says
/// is all that counts: whoever made the address that the browser came with may be somebody else (RFC 9101 §6.3).
public struct RequestObject: Sendable {
    /// The media type (RFC 9101 §9.4.1); also good without, for it is older than explicit types.
    static let type: JWSType = "oauth-authz-req+jwt"

    let claims: JWTClaims
    /// Nil where nothing vouches for it: only where the client's compatibility says so.
    let algorithm: SignatureAlgorithm?

    /// What an object makes of a request.
    enum Use {
        /// There is none.
        case none
        /// The parameters are what it says; once, perhaps.
        case taken(OneTimeObject?)
        /// It cannot be believed, or one is missing; the parameters are those beside it.
        case refused(OAuthError)

        var refusal: OAuthError? { if case .refused(let error) = self { error } else { nil } }

        /// What is spent with the code, if anything is.
        var once: OneTimeObject? { if case .taken(let once) = self { once } else { nil } }

        /// Beside an object that cannot be believed, an address must be named for anybody to be sent there.
        var mayBeToldToTheOnlyAddress: Bool { refusal == nil }

        /// A refusal of what the object said, which nobody sees in the request.
        func explaining(_ error: OAuthError, _ parameters: FormParameters, _ client: Client) -> OAuthError {
            guard case .taken = self, error.cause == nil else { return error }
            let explanation = Explanation(of: error, to: parameters, from: client)
            let said = explanation.received.joined(separator: ", ")
            let advice = explanation.advice.isEmpty ? "" : "; " + explanation.advice
            return OAuthError(
                error.code, error.summary, advice: "the request object says \(said)\(advice)", rule: error.rule)
        }
    }

    /// Whether a request has one, or its client must send one.
    static func concerns(_ parameters: FormParameters, _ client: Client) -> Bool {
        parameters[.request] != nil || parameters[.requestURI] != nil || client.mustSignRequests
    }

    /// Puts what the object says in place of the parameters.
    static func use(
        in parameters: inout FormParameters, from client: Client, in environment: ServerEnvironment
    ) async -> Use {
        do throws(OAuthError) {
            try parameters.requireNoRepetition()  // RFC 6749 §3.1
            let text = try await RequestObject.text(in: parameters, from: client, environment)  // RFC 9101 §5
            let object = try await RequestObjectReader(client, environment).read(text)  // RFC 9101 §6.1, §6.2
            for rule in RequestObjectRule.all { try rule.check(object, client, environment) }
            let once = parameters[.request].flatMap { _ in OneTimeObject(object, of: client, in: environment) }
            try await once?.requireUnused(in: environment)  // RFC 7519 §4.1.7
            parameters = try object.parameters(beside: parameters, from: client)  // RFC 9101 §6.3
            return .taken(once)
        } catch {
            return .refused(error)
        }
    }

    /// The object as it was sent, or as it is at the address that was.
    private static func text(
        in parameters: FormParameters, from client: Client, _ environment: ServerEnvironment
    ) async throws(OAuthError) -> String {
        switch (parameters[.request], parameters[.requestURI]) {
        case (_?, _?):
            throw OAuthError(
                .invalidRequest, "request and request_uri exclude each other", advice: "send one of the two",
                rule: "RFC 9101 §5, OpenID Connect Core §6.1")
        case (let text?, nil):
            guard client.mayHaveRequestObjects else {
                throw OAuthError(
                    .requestNotSupported, "the client has registered no key that a request object could be signed with",
                    advice: "register jwks or jwks_uri, or send plain parameters",
                    rule: "RFC 9101 §6.2, OpenID Connect Core §3.1.2.6")
            }
            return text
        case (nil, let text?):
            guard client.mayHaveRequestObjects, !client.metadata.requestURIs.isEmpty else {
                throw OAuthError(
                    .requestURINotSupported, "the client has registered no address of request objects",
                    advice: "register request_uris, and jwks or jwks_uri",
                    rule: "RFC 9101 §5.2, OpenID Connect Core §3.1.2.6")
            }
            // Core §6.2: the fragment is part of the comparison, and tells versions apart.
            guard let address = client.metadata.requestURIs.first(where: { $0.rawValue.utf8.elementsEqual(text.utf8) })
            else {
                let all = client.metadata.requestURIs.prefix(5).map(\.rawValue).joined(separator: ", ")
                throw OAuthError(
                    .invalidRequestURI, "request_uri is not registered for this client",
                    advice: "request_uri must be one of the registered request_uris, fragment included: \(all)",
                    rule: "RFC 9101 §5.2, §10.4, OpenID Connect Core §6.2")
            }
            return try await environment.requestObjects.text(at: address, of: client)
        case (nil, nil):
            throw OAuthError(
                .invalidRequest, "the client must send a signed request object",
                advice: "the client is registered with require_signed_request_object", rule: "RFC 9101 §10.5")
        }
    }

    /// A request object is not read anywhere else: what is left of such a parameter must not be ignored.
    static func refuseUnread(_ parameters: FormParameters) throws(OAuthError) {
        guard parameters[.request] == nil, parameters[.requestURI] == nil else {
            throw OAuthError(
                .invalidRequestObject, "a request object must not hold request or request_uri",
                advice: "a request object holds plain parameters alone", rule: "RFC 9101 §4")
        }
        guard parameters[.registration] == nil else {
            throw OAuthError(
                .registrationNotSupported, "the registration parameter is not supported",
                advice: "leave registration out: clients register beforehand, by RFC 7591 or by the operator",
                rule: "OpenID Connect Core §7.2.1, §3.1.2.6")
        }
    }
}

extension Client {
    /// RFC 9101 §10.5; with it go the rules of FAPI 2.0 Message Signing §5.3.1.
    var mustSignRequests: Bool { metadata.requireSignedRequestObject == true }

    /// Whether parameters beside a request object count (Core §6.1), as they never do where they must be signed.
    var mergesRequests: Bool { metadata.allows(.requestMerging) && !mustSignRequests }

    /// Whether there is anything that could vouch for its request objects, or nothing need.
    var mayHaveRequestObjects: Bool {
        metadata.jwks != nil || metadata.jwksURI != nil || metadata.allows(.unsignedRequestObjects)
    }
}

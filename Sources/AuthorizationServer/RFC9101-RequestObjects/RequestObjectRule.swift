import JOSE
import JSON
import OAuthTypes
import Stores

/// A rule on what a request object says of itself: RFC 9101 §4, §10, FAPI 2.0 Message Signing §5.3.1.
///
/// A client that must sign its requests gets the rules of FAPI; for others, what is there must be right.
struct RequestObjectRule: Sendable {
    let check: @Sendable (RequestObject, Client, ServerEnvironment) throws(OAuthError) -> Void

    private init(
        _ check: @escaping @Sendable (RequestObject, Client, ServerEnvironment) throws(OAuthError) -> Void
    ) {
        self.check = check
    }

    /// Every rule, in running order.
    static let all: [RequestObjectRule] = [
        .client,  // RFC 9101 §6.3
        .issuer,  // RFC 9101 §4
        .audience,  // RFC 9101 §4
        .notSubject,  // RFC 9101 §10.8
        .times,  // RFC 7519 §4.1
        .lifetime,  // FAPI 2.0 Message Signing §5.3.1
        .notNested,  // RFC 9101 §4
    ]

    /// The longest that a client which must sign may sign ahead and back.
    static let longestLife: Int64 = 3600

    /// Inside as outside; Core §6.1 lets it be missing inside.
    static let client = RequestObjectRule { (object, client, _) throws(OAuthError) in
        let inside = object.claims["client_id"]
        let isMissing = inside == nil && client.mergesRequests
        guard isMissing || inside?.string?.utf8.elementsEqual(client.id.rawValue.utf8) ?? false else {
            throw OAuthError(
                .invalidRequestObject, "client_id in the request object is missing or another one",
                advice: "client_id in the request object must be \(client.id)", rule: "RFC 9101 §5, §6.3")
        }
    }

    static let issuer = RequestObjectRule { (object, client, _) throws(OAuthError) in
        guard let issuer = object.claims.issuer else {
            guard !client.mustSignRequests else {
                throw OAuthError(
                    .invalidRequestObject, "iss is missing in the request object",
                    advice: "iss in the request object must be the client_id, \(client.id)",
                    rule: "RFC 9101 §4, FAPI 2.0 Message Signing §5.3.1")
            }
            return
        }
        guard issuer.utf8.elementsEqual(client.id.rawValue.utf8) else {
            throw OAuthError(
                .invalidRequestObject, "iss in the request object is not the client",
                advice: "iss in the request object must be the client_id, \(client.id)", rule: "RFC 9101 §4")
        }
    }

    static let audience = RequestObjectRule { (object, client, environment) throws(OAuthError) in
        let audience = object.claims.audience
        if audience.isEmpty, object.claims["aud"] == nil, !client.mustSignRequests { return }
        guard audience.contains(where: { $0.utf8.elementsEqual(environment.issuer.url.utf8) }) else {
            throw OAuthError(
                .invalidRequestObject, "aud in the request object does not name this issuer",
                advice: "aud in the request object must be, or hold, the issuer, \(environment.issuer.url)",
                rule: "RFC 9101 §4, FAPI 2.0 Message Signing §5.3.1")
        }
    }

    /// A client assertion says who the client is by `sub`: it is no request, and a request must not pass for one.
    static let notSubject = RequestObjectRule { (object, client, _) throws(OAuthError) in
        guard !(object.claims.subject?.utf8.elementsEqual(client.id.rawValue.utf8) ?? false) else {
            throw OAuthError(
                .invalidRequestObject, "sub in the request object must not be the client",
                advice: "leave sub out: with it the object could be shown as a client assertion", rule: "RFC 9101 §10.8"
            )
        }
    }

    static let times = RequestObjectRule { (object, _, environment) throws(OAuthError) in
        let now = environment.clock.now.seconds
        let leeway = environment.policy.clockLeeway.wholeSeconds
        if let end = object.claims.expiresAt, now >= end + leeway {
            throw OAuthError(
                .invalidRequestObject, "the request object has expired", advice: "its exp was \(now - end) seconds ago",
                rule: "RFC 7519 §4.1.4")
        }
        if let start = object.claims.notBefore, start > now + leeway {
            throw OAuthError(
                .invalidRequestObject, "the request object is not valid yet",
                advice: "its nbf is \(start - now) seconds ahead", rule: "RFC 7519 §4.1.5")
        }
    }

    static let lifetime = RequestObjectRule { (object, client, environment) throws(OAuthError) in
        guard client.mustSignRequests else { return }
        guard let start = object.claims.notBefore, let end = object.claims.expiresAt else {
            throw OAuthError(
                .invalidRequestObject, "exp or nbf is missing in the request object",
                advice: "the client must sign its requests, and then exp and nbf must be there",
                rule: "FAPI 2.0 Message Signing §5.3.1")
        }
        let leeway = environment.policy.clockLeeway.wholeSeconds
        guard end - start <= longestLife, environment.clock.now.seconds - start <= longestLife + leeway else {
            throw OAuthError(
                .invalidRequestObject, "the request object lives longer than an hour, or is older",
                advice: "exp may be an hour after nbf, and nbf an hour ago", rule: "FAPI 2.0 Message Signing §5.3.1")
        }
    }

    /// Nor may it point at another one.
    static let notNested = RequestObjectRule { (object, _, _) throws(OAuthError) in
        guard object.claims["request"] == nil, object.claims["request_uri"] == nil else {
            throw OAuthError(
                .invalidRequestObject, "a request object must not hold request or request_uri",
                advice: "a request object holds plain parameters alone", rule: "RFC 9101 §4")
        }
    }
}

import JOSE
import JSON
import OAuthTypes
import Stores

/// Decrypts and verifies request objects: RFC 9101 §6.1, §6.2, OpenID Connect Core §6.3.
///
/// Whatever fails looks the same from outside; the operator is told which check it was.
struct RequestObjectReader {
    private let client: Client
    private let environment: ServerEnvironment

    init(_ client: Client, _ environment: ServerEnvironment) {
        self.client = client
        self.environment = environment
    }

    /// The longest object that is looked at, in bytes: more than a request by value can bring.
    static let limit = 16 * 1024

    /// What a client signs with that must sign: FAPI 2.0 Security Profile §5.4.1, unless it registered another.
    private static let strong: [SignatureAlgorithm] = [.ps256, .es256, .edDSA]

    func read(_ text: String) async throws(OAuthError) -> RequestObject {
        guard text.utf8.count <= RequestObjectReader.limit else { throw refusal("it is longer than 16384 bytes") }
        let isEncrypted = text.utf8.count { $0 == UInt8(ascii: ".") } == 4
        let token = isEncrypted ? try decrypted(text) : try parsed(text)
        if token.header.algorithm == "none", !isEncrypted { return try unsigned(token, text) }
        return try await signed(token)
    }

    private func refusal(_ advice: String) -> OAuthError {
        OAuthError(
            .invalidRequestObject, "the request object cannot be verified",
            advice: "the request object is refused: " + advice, rule: "RFC 9101 §6.1, §6.2")
    }

    private func parsed(_ text: String) throws(OAuthError) -> UnverifiedJWT {
        do throws(JOSEError) {
            return try UnverifiedJWT(parsing: text, limit: RequestObjectReader.limit)
        } catch {
            throw refusal("it is no JWT (\(error))")
        }
    }

    /// The JWT in a JWE: signed first, encrypted then (RFC 9101 §4).
    private func decrypted(_ text: String) throws(OAuthError) -> UnverifiedJWT {
        do throws(JOSEError) {
            let token = try CompactJWE(parsing: text, limit: RequestObjectReader.limit)
            let registered = client.metadata
            guard
                registered.requestObjectEncryptionAlg.map({ $0 == token.header.algorithm }) ?? true,
                registered.requestObjectEncryptionEnc.map({ $0 == token.header.encryption }) ?? true
            else { throw JOSEError.wrongAlgorithm }
            let opened = try environment.keys.decryption.opened(token)
            return try UnverifiedJWT(in: opened, limit: RequestObjectReader.limit)
        } catch {
            throw refusal(
                error == .unknownKey
                    ? "it is encrypted, and to no key that is here" : "it is encrypted, and cannot be opened (\(error))"
            )
        }
    }

    /// Nothing vouches for it: an exception for one client, and less than the plain parameters would be for nobody.
    private func unsigned(_ token: UnverifiedJWT, _ text: String) throws(OAuthError) -> RequestObject {
        let registered = client.metadata.requestObjectSigningAlg
        guard client.metadata.allows(.unsignedRequestObjects), !client.mustSignRequests,
            registered == nil || registered == RequestObjectSigning.none
        else { throw refusal("it is not signed, and the client's must be") }
        guard text.hasSuffix("."), expectedType(token).allows(token.header.type),
            let claims = try? token.unverifiedClaims()
        else { throw refusal("it is no unsigned JWT of this type") }
        return RequestObject(claims: claims, algorithm: nil)
    }

    private func signed(_ token: UnverifiedJWT) async throws(OAuthError) -> RequestObject {
        let allowed: [SignatureAlgorithm]
        switch client.metadata.requestObjectSigningAlg {
        case .signature(let algorithm)?: allowed = [algorithm]
        case RequestObjectSigning.none?: throw refusal("it is signed, and the client is registered for none")
        case nil: allowed = client.mustSignRequests ? RequestObjectReader.strong : SignatureAlgorithm.allCases
        }
        guard let algorithm = SignatureAlgorithm(rawValue: token.header.algorithm), allowed.contains(algorithm) else {
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            throw refusal("it is signed with another algorithm than the client's, \(names)")
        }
        guard let keys = await environment.clientKeys.keys(of: client, with: token.header.keyID) else {
            throw refusal("the client's keys cannot be had")
        }
        let now = environment.clock.now.seconds
        // Times, issuer and audience are rules of ours: an object without a signature has them, too.
        let expectation = JWTExpectation(
            type: expectedType(token), algorithms: .oneOf([algorithm]), issuer: .anyone, audience: .anyone,
            expiry: .ignored, now: now, leeway: environment.policy.clockLeeway.wholeSeconds)
        do throws(JOSEError) {
            return RequestObject(claims: try token.verified(with: keys, as: expectation).claims, algorithm: algorithm)
        } catch {
            throw switch error {
            case .notYetValid, .issuedInTheFuture:
                OAuthError(
                    .invalidRequestObject, "the request object is not valid yet", advice: "see its nbf and iat",
                    rule: "RFC 7519 §4.1.5, §4.1.6")
            case .unknownKey: refusal("the client has no key of its kid, or several and it has no kid")
            case .invalidSignature: refusal("its signature is by no key of the client's")
            case .wrongType: refusal("its typ must be oauth-authz-req+jwt, JWT or missing")
            default: refusal(error.advice)
            }
        }
    }

    /// RFC 8725 §3.11: no other token of the client's is taken for one.
    private func expectedType(_ token: UnverifiedJWT) -> JWSType.Expectation {
        let typed = JWSType.Expectation.exactly(RequestObject.type)
        return typed.allows(token.header.type) ? typed : .absentOr(.jwt)
    }
}

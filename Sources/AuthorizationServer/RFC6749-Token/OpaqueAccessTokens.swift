import JOSE
import JSON
import OAuthTypes
import Stores

/// Access tokens that say nothing themselves: a reference to the claims that a JWT would have (RFC 9068 §2.2).
///
/// 256 random bits, kept by their digest. So both formats have one meaning, and one that is withdrawn is gone at once.
struct OpaqueAccessTokens: Sendable {
    private let environment: ServerEnvironment

    init(_ environment: ServerEnvironment) {
        self.environment = environment
    }

    /// The characters of a token: what has another length is none.
    private static let length = 43

    /// Keeps claims, and answers the token that stands for them; throws `OAuthError` where their grant is gone.
    func issue(_ token: AccessToken) async throws -> String {
        let text = environment.newSecret()
        let isKept = try await environment.storage.opaqueTokens.insert(
            OpaqueToken(
                digest: TokenDigest(of: text),
                clientID: token.clientID,
                grantID: token.grantID,
                claims: String(decoding: token.jsonBytes(), as: UTF8.self),
                expiresAt: token.expiresAt
            ))
        guard isKept else {
            throw OAuthError(
                .invalidGrant, "the grant was withdrawn",
                advice: "the grant ended while its token was made: the person has to be asked anew",
                rule: "RFC 6749 §5.2")
        }
        return text
    }

    /// What a text stands for; nil where it is no such token whose time is now.
    func find(_ text: String, at now: Timestamp) async throws -> VerifiedAccessToken? {
        guard text.utf8.count == OpaqueAccessTokens.length, !text.utf8.contains(UInt8(ascii: ".")),
            let token = try await environment.storage.opaqueTokens.find(TokenDigest(of: text), at: now)
        else { return nil }
        return VerifiedAccessToken(kept: token)
    }
}

extension ServerEnvironment {
    /// What an access token says, of whichever format and whomever it is meant for; nil where it is none of ours whose time
    /// is now.
    ///
    /// Whether what it came of still holds is not looked at.
    func accessToken(_ text: String, at now: Timestamp) async throws -> VerifiedAccessToken? {
        if let token = try? accessTokens.read(text, at: now) { return token }
        return try await OpaqueAccessTokens(self).find(text, at: now)
    }

    /// The same of a token that is meant for one of our own resources (RFC 9068 §4); throws `OAuthError` for any other.
    func ownAccessToken(
        _ text: String, for resources: [String], at now: Timestamp
    ) async throws -> VerifiedAccessToken {
        let token: VerifiedAccessToken
        do throws(OAuthError) {
            token = try accessTokens.read(text, at: now)
        } catch {
            guard let kept = try await OpaqueAccessTokens(self).find(text, at: now) else { throw error }
            token = kept
        }
        guard resources.contains(where: token.isMeant(for:)) else { throw token.isMeantForOthers }
        return token
    }
}

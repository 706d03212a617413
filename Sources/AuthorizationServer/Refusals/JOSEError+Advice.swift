import JOSE

extension JOSEError {
    /// What an operator is told of a token that was refused: a clause about it, without a word of its content.
    var advice: String {
        switch self {
        case .oversize: "it is too long"
        case .malformedToken, .malformedHeader: "it is no JWT"
        case .criticalExtension: "its header has crit, and no extension is understood here"
        case .wrongAlgorithm: "its alg is not the one of the key"
        case .wrongType: "its typ is of another kind of token"
        case .unknownKey: "no key has its kid, or there are several and it has none"
        case .invalidSignature: "its signature is by another key, or it was changed"
        case .compressed, .undecryptable: "it cannot be decrypted"
        case .malformedClaims: "its claims are no JSON object"
        case .missingClaim(let claim): "\(claim.rawValue) is missing"
        case .invalidClaim(let claim): "\(claim.rawValue) is of the wrong type or out of range"
        case .expired: "its exp is past"
        case .notYetValid: "its nbf is in the future"
        case .issuedInTheFuture: "its iat is in the future"
        case .wrongIssuer: "its iss is another one"
        case .wrongAudience: "its aud names somebody else"
        case .unsupportedKey, .invalidKey, .weakKey, .privateKey, .ambiguousKeys: "the key cannot be used (\(self))"
        case .wrongMasterKey, .unsealable, .libraryFailure: "it could not be checked (\(self))"
        }
    }
}

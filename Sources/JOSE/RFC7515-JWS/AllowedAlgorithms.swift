/// Which signature algorithms a verifier takes for one use: RFC 8725 §3.1.
///
/// Key and list decide. What a token says in `alg` is compared with them: it can pick among the algorithms that both
/// allow and never widen them.
public enum AllowedAlgorithms: Sendable {
    /// The algorithm that each key has of its own; an RSA key whose owner named none verifies nothing.
    case assigned
    /// These, as far as the key serves them. For keys of others, with what they registered or what the server takes.
    case oneOf([SignatureAlgorithm])

    /// What a token under this key is verified with; throws `wrongAlgorithm` if its header names anything else.
    func algorithm(_ header: JOSEHeader, for key: PublicKey) throws(JOSEError) -> SignatureAlgorithm {
        guard let named = header.signatureAlgorithm, key.serves(named) else { throw .wrongAlgorithm }
        let isAllowed =
            switch self {
            case .assigned: key.algorithm == named
            case .oneOf(let algorithms): algorithms.contains(named)
            }
        guard isAllowed else { throw .wrongAlgorithm }
        return named
    }
}

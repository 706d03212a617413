/// Which algorithms a recipient lets others use: RFC 8725 §3.1, §3.2.
///
/// Spelled out for each use; the key narrows it further.
public struct JWEExpectation: Sendable {
    private let algorithms: Set<KeyManagementAlgorithm>
    private let encryptions: Set<ContentEncryption>

    /// These ways to encrypt keys, and these ways to encrypt content.
    public init(
        algorithms: Set<KeyManagementAlgorithm>, encryptions: Set<ContentEncryption> = Set(ContentEncryption.allCases)
    ) {
        self.algorithms = algorithms
        self.encryptions = encryptions
    }

    /// What strangers may send to a public key.
    public static let toPublicKey = JWEExpectation(
        algorithms: [.rsaOAEP, .rsaOAEP256, .ecdhES, .ecdhESA128KW, .ecdhESA256KW])

    /// What the two holders of a shared key may send to each other.
    public static let underSharedKey = JWEExpectation(algorithms: [.a128KW, .a256KW, .direct])

    func allows(_ header: JWEHeader) -> Bool {
        algorithms.contains(header.algorithm) && encryptions.contains(header.encryption)
    }
}

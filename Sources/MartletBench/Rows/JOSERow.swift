import JOSE
import JSON
import TokenVerifier

/// Tokens from claims to text and back, with JSON and base64, against what libcrypto needs for the signature alone.
enum JOSERow {
    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        try bench.processors.onServerCore {
            for (algorithm, sign, verify) in [
                (SignatureAlgorithm.es256, MetricName.es256Sign, MetricName.es256Verify),
                (.rs256, .rs256Sign, .rs256Verify), (.ps256, .ps256Sign, .ps256Verify),
            ] {
                try signatures(bench, algorithm, sign, verify, &report)
            }
            try encryption(bench, .rsa, .rsaOAEP256, .oaepEncrypt, RawOAEP(), &report)
            try encryption(bench, .p256, .ecdhES, .ecdhEncrypt, RawAgreement(), &report)
        }
        report.notes.append(
            "ratios              by processor time; of \(AccessTokenSample.claims.jsonBytes().count) bytes of claims")
    }

    private static func signatures(
        _ bench: Bench, _ algorithm: SignatureAlgorithm, _ sign: MetricName, _ verify: MetricName,
        _ report: inout RowReport
    ) throws {
        let raw = try RawSignatures(algorithm)
        let sample = try AccessTokenSample(algorithm)
        let signing = try Duel(bench, own: { _ = try sample.sign() }, raw: { try raw.sign() })
        report.add(sign, signing.ratio, signing.explanation)
        let verifying = try Duel(bench, own: { _ = try sample.verify() }, raw: { try raw.verify() })
        report.add(verify, verifying.ratio, verifying.explanation)
    }

    private static func encryption(
        _ bench: Bench, _ kind: DecryptionKey.Kind, _ algorithm: KeyManagementAlgorithm, _ name: MetricName,
        _ raw: some RawEncryption, _ report: inout RowReport
    ) throws {
        let key = try DecryptionKey.generate(kind)
        let encrypter = try JWEEncrypter(
            to: key.publicKey, algorithm: algorithm, encryption: .a256GCM, contentType: .jwt)
        let token = try AccessTokenSample(.es256).text
        let duel = try Duel(bench, own: { _ = try encrypter.encrypt(token) }, raw: { try raw.encrypt() })
        report.add(name, duel.ratio, duel.explanation)
    }
}

/// An access token as Martlet makes it.
struct AccessTokenSample {
    static let issuer = "https://login.example"
    private static let now = SystemVerifierClock().seconds
    static let claims: JSONObject = [
        "iss": .string(issuer), "aud": .string(issuer), "client_id": "c_Zw3vQyT0k1m8PzJ4", "iat": .integer(now),
        "exp": .integer(now + 3600), "jti": "b9a4cE0bT6KfWq2mVx7y1A", "scope": "openid profile email",
        "sub": "u_0Zf5hT2xQ9sLwR7c", "auth_time": .integer(now - 600), "amr": ["pwd", "otp"],
        "grant_id": "g_Kp8dM3nXvB6tY1aS",
    ]

    let signer: JWTSigner
    let keys: JWKSet
    let text: String

    init(_ algorithm: SignatureAlgorithm) throws {
        let key = try SigningKey.generate(algorithm)
        signer = JWTSigner(key: key, type: "at+jwt")
        keys = try JWKSet([key.publicKey, SigningKey.generate().publicKey])
        text = try signer.sign(Self.claims)
    }

    func sign() throws(JOSEError) -> String { try signer.sign(Self.claims) }

    func verify() throws(JOSEError) -> VerifiedJWT {
        let expectation = JWTExpectation(
            type: .exactly("at+jwt"), issuer: .exactly(Self.issuer), audience: .contains(Self.issuer),
            now: Self.now, leeway: 10)
        return try VerifiedJWT(text, signedBy: keys, as: expectation)
    }
}

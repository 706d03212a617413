import JSON
import Testing

@testable import JOSE

@Suite("RFC 7517 §4.7 certificates of keys")
struct CertificateTests {
    // Made with: openssl req -x509.
    /// Holds the key of `Example.jwk`.
    static let own: JSONValue = .string(
        "MIIBeDCCAR+gAwIBAgIUX1XrkfvYrv+MnxIL7+LGhtCZqW4wCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHZXhhbXBsZTAeFw0yNjEx"
            + "MjExMTEzNTlaFw0zNjExMTgxMTEzNTlaMBIxEDAOBgNVBAMMB2V4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR/zc4n"
            + "cPbEXUGDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWto1MwUTAdBgNVHQ4EFgQU"
            + "zo0Wsckzjrf+OXmZrkW+7j+1hoYwHwYDVR0jBBgwFoAUzo0Wsckzjrf+OXmZrkW+7j+1hoYwDwYDVR0TAQH/BAUwAwEB/zAKBggq"
            + "hkjOPQQDAgNHADBEAiAxEnaZh6QJIzu94Nvo927WzADdrBVg22eOupRtKJJBxQIgFsG4ivxoSUmmUe6SyY3Lv/PZqPRXhIykKjDD"
            + "q+5BlqA=")

    /// Holds another key on the same curve.
    static let other: JSONValue = .string(
        "MIIBdTCCARugAwIBAgIUfWn42FWBB1skqW8XjQvwYjTIeWYwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFb3RoZXIwHhcNMjYxMTIx"
            + "MTExNDAwWhcNMzYxMTE4MTExNDAwWjAQMQ4wDAYDVQQDDAVvdGhlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIUMWWKyQ1OX"
            + "HOrcC3k1iNegmmtYrH150GOxV2carZwgIrycvjMont/oNq7u2+gRgXBqNw0RBdZGUpduZETc2BajUzBRMB0GA1UdDgQWBBQ4TFt+"
            + "Y/tcDESaWKXwNYKUpDaHpjAfBgNVHSMEGDAWgBQ4TFt+Y/tcDESaWKXwNYKUpDaHpjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49"
            + "BAMCA0gAMEUCIG0q9ezlwz/GvmUa7FcfBCyxRQ2Fv93OjC1oqTbK/1CjAiEApFDPIQ/3gUX6tltxYLsLSqIX+LhEZ4aP2NvzBFc1"
            + "5ak=")

    static let digest: JSONValue = "vgn44Lsb90ESS3sc8fvP1sMRtkYBzXrUcaXuL9Us-Bw"

    @Test(
        arguments: [
            ["x5c": [own]], ["x5c": [own, other]], ["x5c": [own], "x5t#S256": digest], ["x5t#S256": digest],
        ] as [JSONObject])
    func takesACertificateOfTheKey(_ change: JSONObject) throws {
        let key = try PublicKey(jwk: Example.jwk(change))
        #expect(try key == PublicKey(jwk: Example.jwk))
        #expect(throws: Never.self) { try EncryptionKey(jwk: Example.jwk(change)) }
        let written = try JSONObject(parsing: key.jsonBytes())
        #expect(written["x5c"] == nil && written["x5t#S256"] == nil)
    }

    @Test(
        arguments: [
            ["x5c": [other]], ["x5c": [other, own]], ["x5c": []], ["x5c": own], ["x5c": [1]], ["x5c": ["AAAA"]],
            ["x5c": [own, "not base64!"]], ["x5c": .array([JSONValue](repeating: own, count: 11))],
            ["x5t#S256": "vgn4"], ["x5t#S256": 1], ["x5t#S256": "vgn44Lsb90ESS3sc8fvP1sMRtkYBzXrUcaXuL9Us-Bx"],
            ["x5c": [own], "x5t#S256": "AAn44Lsb90ESS3sc8fvP1sMRtkYBzXrUcaXuL9Us-Bw"],
        ] as [JSONObject])
    func refusesAnythingElse(_ change: JSONObject) throws {
        #expect(throws: JOSEError.invalidKey) { try PublicKey(jwk: Example.jwk(change)) }
        #expect(OpenSSLErrors.isEmpty)
        #expect(throws: Never.self) { try PublicKey(jwk: Example.jwk(["x5c": [Self.own]])) }
    }
}

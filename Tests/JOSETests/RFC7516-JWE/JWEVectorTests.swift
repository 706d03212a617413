import JSON
import Testing

@testable import JOSE

@Suite("RFC 7516 examples and vectors")
struct JWEVectorTests {
    /// Appendix A.1: RSA-OAEP and A256GCM.
    @Test func decryptsTheExampleOfAppendixA1() throws {
        let key = try DecryptionKey(privateJWK: [
            "kty": "RSA",
            "n": """
            oahUIoWw0K0usKNuOR6H4wkf4oBUXHTxRvgb48E-BVvxkeDNjbC4he8rUWcJoZmds2h7M70imEVhRU5djINXtqllXI4DFqcI1DgjT9LewND8\
            MW2Krf3Spsk_ZkoFnilakGygTwpZ3uesH-PFABNIUYpOiN15dsQRkgr0vEhxN92i2asbOenSZeyaxziK72UwxrrKoExv6kc5twXTq4h-QChL\
            Oln0_mtUZwfsRaMStPs6mS6XrgxnxbWhojf663tuEQueGC-FCMfra36C9knDFGzKsNa7LZK2djYgyD3JR_MB_4NUJW_TqOQtwHYbxevoJArm\
            -L5StowjzGy-_bq6Gw
            """,
            "e": "AQAB",
            "d": """
            kLdtIj6GbDks_ApCSTYQtelcNttlKiOyPzMrXHeI-yk1F7-kpDxY4-WY5NWV5KntaEeXS1j82E375xxhWMHXyvjYecPT9fpwR_M9gV8n9Hrh\
            2anTpTD93Dt62ypW3yDsJzBnTnrYu1iwWRgBKrEYY46qAZIrA2xAwnm2X7uGR1hghkqDp0Vqj3kbSCz1XyfCs6_LehBwtxHIyh8Ripy40p24\
            moOAbgxVw3rxT_vlt3UVe4WO3JkJOzlpUf-KTVI2Ptgm-dARxTEtE-id-4OJr0h-K-VFs3VSndVTIznSxfyrj8ILL6MG_Uv8YAu7VILSB3lO\
            W085-4qE3DzgrTjgyQ
            """,
            "p": """
            1r52Xk46c-LsfB5P442p7atdPUrxQSy4mti_tZI3Mgf2EuFVbUoDBvaRQ-SWxkbkmoEzL7JXroSBjSrK3YIQgYdMgyAEPTPjXv_hI2_1eTSP\
            VZfzL0lffNn03IXqWF5MDFuoUYE0hzb2vhrlN_rKrbfDIwUbTrjjgieRbwC6Cl0
            """,
            "q": """
            wLb35x7hmQWZsWJmB_vle87ihgZ19S8lBEROLIsZG4ayZVe9Hi9gDVCOBmUDdaDYVTSNx_8Fyw1YYa9XGrGnDew00J28cRUoeBB_jKI1oma0\
            Orv1T9aXIWxKwd4gvxFImOWr3QRL9KEBRzk2RatUBnmDZJTIAfwTs0g68UZHvtc
            """,
            "dp": """
            ZK-YwE7diUh0qR1tR7w8WHtolDx3MZ_OTowiFvgfeQ3SiresXjm9gZ5KLhMXvo-uz-KUJWDxS5pFQ_M0evdo1dKiRTjVw_x4NyqyXPM5nULP\
            kcpU827rnpZzAJKpdhWAgqrXGKAECQH0Xt4taznjnd_zVpAmZZq60WPMBMfKcuE
            """,
            "dq": """
            Dq0gfgJ1DdFGXiLvQEZnuKEN0UUmsJBxkjydc3j4ZYdBiMRAy86x0vHCjywcMlYYg4yoC4YZa9hNVcsjqA3FeiL19rk8g6Qn29Tt0cj8qqyF\
            pz9vNDBUfCAiJVeESOjJDZPYHdHY8v1b-o-Z2X5tvLx-TCekf7oxyeKDUqKWjis
            """,
            "qi": """
            VIMpMYbPf47dT1w_zDUXfPimsSegnMOA1zTaX7aGk_8urY6R8-ZW1FxU7AlWAyLWybqq6t16VFd7hQd0y6flUK4SlOydB61gwanOsXGOAOv8\
            2cHq0E3eL4HrtZkUuKvnPrMnsUUFlfUdybVzxyjz9JF_XyaY14ardLSjf4L_FNY
            """,
        ])
        let token = """
            eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03\
            JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam\
            _lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYa\
            Bcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzO\
            eDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ
            """
        let jwe = try CompactJWE(parsing: token).decrypted(with: key, allowing: .toPublicKey)
        #expect(jwe.text == "The true sign of intelligence is not knowledge but imagination.")
        let other = try #require(EncryptionExamples.keys[.rsa])
        #expect(throws: JOSEError.undecryptable) {
            try CompactJWE(parsing: token).decrypted(with: other, allowing: .toPublicKey)
        }
    }

    /// Appendix A.3: A128KW and A128CBC-HS256.
    @Test func decryptsTheExampleOfAppendixA3() throws {
        let token = """
            eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.A\
            xY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ
            """
        let secret = try #require(Base64URL.decode("GawgguFyGrWKav7AX4VKUg"))
        let key = try SharedEncryptionKey(Secret(secret), algorithm: .a128KW)
        #expect(try CompactJWE(parsing: token).decrypted(under: key).text == "Live long and prosper.")
        let other = try EncryptionExamples.shared(.a128KW, count: 16)
        #expect(throws: JOSEError.undecryptable) { try CompactJWE(parsing: token).decrypted(under: other) }
    }

    /// The examples of RFC 7520 and of RFC 8037 that are made with algorithms in use here.
    @Test(
        .enabled(if: Vectors.exist, Vectors.absence),
        arguments: [
            "jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm",
            "jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm",
            "jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2",
            "jwe/5_6.direct_encryption_using_aes-gcm",
            "jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm",
            "curve25519/ecdh-es",
        ])
    func decryptsTheCookbook(_ name: String) throws {
        let example = try Vectors.document("jose-cookbook/\(name).json")
        let token = try #require(example["output"]?["compact"]?.string)
        let jwk = try #require(example["input"]?["key"]?.object)
        #expect(try decrypt(token, jwk).text == example["input"]?["plaintext"]?.string)
        let dot = try #require(token.lastIndex(of: "."))
        #expect(throws: JOSEError.self) { try decrypt(token[...dot] + "AAAAAAAAAAAAAAAAAAAAAA", jwk) }
    }

    /// The others are refused for a stated reason.
    @Test(
        .enabled(if: Vectors.exist, Vectors.absence),
        arguments: [
            ("jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2", JOSEError.wrongAlgorithm),
            ("jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2", .wrongAlgorithm),
            ("jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2", .wrongAlgorithm),
            ("jwe/5_9.compressed_content", .compressed),
        ])
    func refusesTheRestOfTheCookbook(_ name: String, _ error: JOSEError) throws {
        let example = try Vectors.document("jose-cookbook/\(name).json")
        let token = try #require(example["output"]?["compact"]?.string)
        #expect(throws: error) { try CompactJWE(parsing: token) }
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence), arguments: ["jwe_aes", "jwe_ec"])
    func agreesWithWycheproof(_ group: String) throws {
        let tests = try Vectors.wycheproof("json_web_crypto_test")
            .filter { $0.group["comment"] == .string(group) }
        #expect(tests.count == 17)
        for (group, test) in tests {
            let jwk = try #require(group["private"]?.object)
            // The JSON serialization is no text at all here.
            let jwe = test["jwe"]?.string.flatMap { try? decrypt($0, jwk) }
            #expect((jwe != nil) == test.isValid, "\(test.number)")
        }
    }

    private func decrypt(_ token: String, _ jwk: JSONObject) throws -> DecryptedJWE {
        let jwe = try CompactJWE(parsing: token)
        guard jwk["kty"] == "oct" else {
            return try jwe.decrypted(with: DecryptionKey(privateJWK: jwk), allowing: .toPublicKey)
        }
        let secret = try #require(jwk["k"]?.string.flatMap { Base64URL.decode($0) })
        let key = try SharedEncryptionKey(
            Secret(secret), algorithm: jwe.header.algorithm, keyID: jwk["kid"]?.string)
        return try jwe.decrypted(under: key)
    }
}

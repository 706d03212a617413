import JSON
import Testing

@testable import JOSE

/// The examples of RFC 7520 §4, of RFC 7797 and of RFC 8037, in each serialization they are shown in.
@Suite("RFC 7520 signatures", .enabled(if: Vectors.exist, Vectors.absence))
struct CookbookTests {
    /// One serialization of an example, verified with one of its keys.
    private func verify(
        _ output: JSONValue, payload: [UInt8], with jwk: JSONObject, allowing names: [String], isDetached: Bool
    ) throws -> VerifiedJWS {
        let allowed = AllowedAlgorithms.oneOf(names.compactMap { SignatureAlgorithm(named: $0) })
        let type = JWSType.Expectation.absentOr(.jwt)
        if jwk["kty"] == "oct" {
            let key = try MACKey(jwk: jwk)
            return switch output {
            case .string(let token) where isDetached:
                try DetachedJWS(parsing: token, over: payload).verified(with: key, expecting: type)
            case .string(let token): try CompactJWS(parsing: token).verified(with: key, expecting: type)
            default:
                try JSONJWS(parsing: output.jsonBytes(), over: isDetached ? payload : nil)
                    .verified(with: key, expecting: type)
            }
        }
        var publicPart = jwk
        for name in ["d", "p", "q", "dp", "dq", "qi"] { publicPart[name] = nil }
        let key = try PublicKey(jwk: publicPart)
        return switch output {
        case .string(let token): try CompactJWS(parsing: token).verified(with: key, allowing: allowed, expecting: type)
        default: try JSONJWS(parsing: output.jsonBytes()).verified(with: key, allowing: allowed, expecting: type)
        }
    }

    @Test(arguments: [
        "jws/4_1.rsa_v15_signature", "jws/4_2.rsa-pss_signature", "jws/4_3.ecdsa_signature",
        "jws/4_4.hmac-sha2_integrity_protection", "jws/4_5.signature_with_detached_content",
        "jws/4_6.protecting_specific_header_fields", "jws/4_7.protecting_content_only", "jws/4_8.multiple_signatures",
        "curve25519/jws",
    ])
    func verifies(_ name: String) throws {
        let example = try Vectors.document("jose-cookbook/\(name).json")
        let input = try #require(example["input"]), output = try #require(example["output"]?.object)
        let payload = Array(try #require(input["payload"]?.string).utf8)
        let keys = try #require(input["key"]).array ?? [try #require(input["key"])]
        let algorithms = try #require(input["alg"]).array ?? [try #require(input["alg"])]
        let names = algorithms.compactMap(\.string)
        var count = 0
        for form in output {
            for key in keys {
                let jwk = try #require(key.object)
                let verified = try verify(
                    form.value, payload: payload, with: jwk, allowing: names, isDetached: name.contains("detached"))
                #expect(verified.payload == payload, "\(form.name)")
                #expect(throws: JOSEError.self, "\(form.name) with another key") {
                    try verify(
                        form.value, payload: payload, with: stranger(like: jwk), allowing: names,
                        isDetached: name.contains("detached"))
                }
                count += 1
            }
        }
        #expect(count >= 2)
        #expect(OpenSSLErrors.isEmpty)
    }

    /// The signatures that are the same each time come out the same.
    @Test(arguments: ["jws/4_1.rsa_v15_signature", "curve25519/jws"])
    func signs(_ name: String) throws {
        let example = try Vectors.document("jose-cookbook/\(name).json")
        let input = try #require(example["input"]), signing = try #require(example["signing"])
        let algorithm = try #require(input["alg"]?.string.flatMap { SignatureAlgorithm(named: $0) })
        let key = try SigningKey(privateJWK: try #require(input["key"]?.object), algorithm: algorithm)
        let message = Array(try #require(signing["sig-input"]?.string).utf8)
        let signature = try key.sign(message)
        #expect(Base64URL.encode(signature) == signing["sig"]?.string)
    }

    /// RFC 7797 §4: the payload as it is, in JSON and beside the compact form.
    @Test func payloadsThatAreNotEncoded() throws {
        let example = try Vectors.document("jose-cookbook/rfc7797/hmac-sha2_b64_false.json")
        let key = try MACKey(jwk: try #require(example["input"]?["key"]?.object))
        let payload = Array("This is the payload string!".utf8)
        let compact = try #require(example["output"]?["compact"]?.string)
        let parts = compact.split(separator: ".")
        #expect(parts[1].utf8.elementsEqual(payload))
        let token = String(parts[0] + ".." + parts[2])
        let detached = try DetachedJWS(parsing: token, over: payload)
        #expect(try detached.verified(with: key, expecting: .absentOr(.jwt)).payload == payload)
        for form in ["json", "json_flat"] {
            let document = try #require(example["output"]?[form])
            let jws = try JSONJWS(parsing: document.jsonBytes()).verified(with: key, expecting: .absentOr(.jwt))
            #expect(jws.payload == payload)
        }
        // The compact form with such a payload within is not offered.
        #expect(throws: JOSEError.self) { try CompactJWS(parsing: compact) }
    }

    /// This one says `b64` without `crit`, as the drafts of RFC 7797 did: a reader that knows neither would verify
    /// another content (§6).
    @Test func aPayloadThatIsNotEncodedMustBeCritical() throws {
        let example = try Vectors.document("jose-cookbook/rfc7797/4.2.hmac-sha2_b64_false.json")
        for form in ["json", "json_flat"] {
            let document = try #require(example["output"]?[form])
            #expect(throws: JOSEError.malformedHeader) { try JSONJWS(parsing: document.jsonBytes()) }
        }
    }

    /// A key of the same kind and name that somebody else has.
    private func stranger(like jwk: JSONObject) throws -> JSONObject {
        var other: JSONObject
        switch jwk["kty"] {
        case "oct":
            return jwk.with("k", .string(Base64URL.encode([UInt8](repeating: 1, count: 64))))
        case "RSA": other = RFC7515ExamplesTests.rsa
        case "OKP": other = try JSONObject(parsing: SigningKey.generate(.edDSA).publicKey.jsonBytes())
        default: other = try JSONObject(parsing: SigningKey.generate(.es512).publicKey.jsonBytes())
        }
        other["kid"] = jwk["kid"]
        return other
    }
}

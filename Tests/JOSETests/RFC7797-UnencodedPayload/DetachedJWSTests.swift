import JSON
import Testing

@testable import JOSE

@Suite("RFC 7797 and detached payloads")
struct DetachedJWSTests {
    let key: SigningKey
    let payload = Array("{\"amount\": \"1.00\"}\r\n".utf8)

    init() throws { key = try SigningKey.generate() }

    private func verify(
        _ token: String, over payload: [UInt8], as type: JWSType.Expectation = .absentOr(.jwt)
    ) throws(JOSEError) -> VerifiedJWS {
        try DetachedJWS(parsing: token, over: payload).verified(with: key.publicKey, expecting: type)
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func verifiesWhatItSigns(_ algorithm: SignatureAlgorithm) throws {
        let key = try Example.key(for: algorithm)
        for encoding in [DetachedJWS.PayloadEncoding.base64URL, .none] {
            let token = try DetachedJWS.sign(payload, as: encoding, with: key, type: "jose")
            let jws = try DetachedJWS(parsing: token, over: payload)
                .verified(with: key.publicKey, expecting: .exactly("jose"))
            #expect(jws.payload == payload && jws.header.encodesPayload == (encoding == .base64URL))
            #expect(throws: JOSEError.invalidSignature) {
                try DetachedJWS(parsing: token, over: payload + [0])
                    .verified(with: key.publicKey, expecting: .exactly("jose"))
            }
        }
    }

    @Test func theEncodingIsPartOfWhatIsSigned() throws {
        let token = try DetachedJWS.sign(payload, as: .none, with: key, type: nil)
        #expect(throws: Never.self) { try verify(token, over: payload) }
        let encoded = Array(Base64URL.encode(payload).utf8)
        #expect(throws: JOSEError.invalidSignature) { try verify(token, over: encoded) }
        // The header says that the payload is not encoded, and a token that holds one would say otherwise.
        let parts = token.split(separator: ".")
        let attached = "\(parts[0]).\(String(decoding: encoded, as: UTF8.self)).\(parts[1])"
        #expect(throws: JOSEError.criticalExtension) { try CompactJWS(parsing: attached) }
        let plain = try DetachedJWS.sign(payload, as: .base64URL, with: key, type: nil).split(separator: ".")
        let whole = "\(plain[0]).\(String(decoding: encoded, as: UTF8.self)).\(plain[1])"
        #expect(throws: Never.self) {
            try CompactJWS(parsing: whole).verified(with: key.publicKey, expecting: .absentOr(.jwt))
        }
    }

    @Test func refusesATokenWithAPayloadAndOtherForms() throws {
        let token = try DetachedJWS.sign(payload, as: .base64URL, with: key, type: nil)
        #expect(throws: JOSEError.malformedToken) { try verify(token.replacing("..", with: ".AA."), over: payload) }
        for wrong in ["", ".", "..", "...", token + ".", token + "=", " " + token, String(token.dropLast())] {
            #expect(throws: JOSEError.self, "\(wrong)") { try verify(wrong, over: payload) }
        }
        #expect(throws: JOSEError.oversize) {
            try DetachedJWS(parsing: token, over: payload, limit: token.utf8.count - 1)
        }
        #expect(throws: Never.self) { try DetachedJWS(parsing: token, over: payload, limit: token.utf8.count) }
        #expect(throws: Never.self) { try verify(token, over: payload) }
    }

    @Test func anEmptyPayloadIsOne() throws {
        let token = try DetachedJWS.sign([], as: .none, with: key, type: nil)
        #expect(try verify(token, over: []).payload == [])
        #expect(throws: JOSEError.invalidSignature) { try verify(token, over: [0]) }
    }

    @Test(arguments: [
        (#"{"alg":"ES256","b64":false}"#, JOSEError.malformedHeader),
        (#"{"alg":"ES256","b64":"false","crit":["b64"]}"#, .malformedHeader),
        (#"{"alg":"ES256","b64":0,"crit":["b64"]}"#, .malformedHeader),
        (#"{"alg":"ES256","crit":["b64"]}"#, .malformedHeader),
        (#"{"alg":"ES256","b64":false,"crit":["b64","b64"]}"#, .malformedHeader),
        (#"{"alg":"ES256","b64":false,"crit":["b64","exp"],"exp":1}"#, .criticalExtension),
        (#"{"alg":"ES256","b64":false,"crit":["b64",1]}"#, .criticalExtension),
        (#"{"alg":"ES256","b64":false,"crit":[]}"#, .criticalExtension),
        (#"{"alg":"ES256","b64":false,"crit":"b64"}"#, .criticalExtension),
        (#"{"alg":"ES256","b64":false,"crit":["alg"]}"#, .criticalExtension),
    ])
    func refusesTheHeader(_ header: String, _ error: JOSEError) throws {
        func token(_ header: String) throws -> String {
            let protected = Base64URL.encode(Array(header.utf8))
            let input = Array((protected + ".").utf8) + payload
            return protected + ".." + Base64URL.encode(try key.sign(input))
        }
        #expect(throws: error) { try verify(token(header), over: payload) }
        #expect(throws: Never.self) {
            try verify(token(#"{"alg":"ES256","b64":false,"crit":["b64"]}"#), over: payload)
        }
    }

    /// RFC 7797 §3: true is what goes without saying.
    @Test func trueIsTheDefault() throws {
        for header in [#"{"alg":"ES256","b64":true}"#, #"{"alg":"ES256","b64":true,"crit":["b64"]}"#] {
            let protected = Base64URL.encode(Array(header.utf8))
            let input = protected + "." + Base64URL.encode(payload)
            let token = protected + ".." + Base64URL.encode(try key.sign(Array(input.utf8)))
            #expect(try verify(token, over: payload).payload == payload)
        }
    }
}

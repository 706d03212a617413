import JSON
import Testing

@testable import JOSE

@Suite("RFC 7515 §7.2 JSON serialization")
struct JSONJWSTests {
    let key: SigningKey
    /// Members of one good signature over `payload`.
    let signature: JSONObject
    let payload = "eyJhIjoxfQ"

    init() throws {
        key = try SigningKey.generate()
        signature = try Self.signature(#"{"alg":"ES256"}"#, over: payload, by: key)
    }

    private static func signature(_ header: String, over payload: String, by key: SigningKey) throws -> JSONObject {
        let protected = Base64URL.encode(Array(header.utf8))
        let input = protected + "." + payload
        return [
            "protected": .string(protected), "signature": .string(Base64URL.encode(try key.sign(Array(input.utf8)))),
        ]
    }

    private func verify(_ document: JSONObject, over detached: [UInt8]? = nil) throws(JOSEError) -> VerifiedJWS {
        try JSONJWS(parsing: document.jsonBytes(), over: detached)
            .verified(with: key.publicKey, expecting: .absentOr(.jwt))
    }

    private func general(_ entries: [JSONObject]) -> JSONObject {
        ["payload": .string(payload), "signatures": .array(entries.map { .object($0) })]
    }

    private var flattened: JSONObject { signature.with("payload", .string(payload)) }

    @Test func readsBothForms() throws {
        for document in [general([signature]), general([signature, signature]), flattened, flattened.with("more", 1)] {
            #expect(try verify(document).payload == Array(#"{"a":1}"#.utf8))
        }
    }

    @Test func oneSignatureOfAKnownKeyIsEnough() throws {
        let stranger = try SigningKey.generate()
        let other = try Self.signature(#"{"alg":"ES256","kid":"x"}"#, over: payload, by: stranger)
        let forged = try Self.signature(#"{"alg":"ES256"}"#, over: payload, by: stranger)
        #expect(throws: Never.self) { try verify(general([other, forged, signature])) }
        #expect(throws: JOSEError.unknownKey) { try verify(general([forged, other])) }
        #expect(throws: JOSEError.invalidSignature) { try verify(general([other, forged])) }
    }

    @Test func refusesWhatIsNeitherForm() throws {
        let malformed: [JSONObject] = [
            general([]), general([signature]).with("signature", "AA"),
            general([signature]).with("protected", "e30"), general([signature]).with("header", [:]),
            general([signature]).with("signatures", "AA"), general([signature]).with("signatures", [1]),
            general([signature.with("signature", 1)]), general([signature.with("signature", "A")]),
            flattened.with("payload", 1), flattened.with("payload", "AA=="), flattened.with("protected", "AA=="),
            flattened.with("protected", 1), signature,
        ]
        for document in malformed {
            #expect(throws: JOSEError.malformedToken, "\(document)") { try verify(document) }
        }
        for document: JSONObject in [[:], ["payload": .string(payload)]] {
            #expect(throws: JOSEError.malformedHeader) { try verify(document) }
        }
        #expect(throws: JOSEError.malformedToken) { try JSONJWS(parsing: Array("[]".utf8)) }
        #expect(throws: Never.self) { try verify(flattened) }
    }

    @Test func namesStandInOneHeaderOnly() throws {
        #expect(throws: JOSEError.malformedHeader) { try verify(flattened.with("header", ["alg": "ES256"])) }
        #expect(throws: JOSEError.malformedHeader) { try verify(flattened.with("header", 1)) }
        #expect(throws: JOSEError.malformedHeader) { try verify(flattened.with("header", ["typ": "at+jwt"])) }
        #expect(throws: JOSEError.malformedHeader) { try verify(flattened.with("header", ["cty": "JWT"])) }
        #expect(throws: Never.self) { try verify(flattened.with("header", ["kid": .string(key.keyID)])) }
        #expect(throws: JOSEError.unknownKey) { try verify(flattened.with("header", ["kid": "other"])) }
    }

    /// What changes the reading must be signed: RFC 7515 §4.1.11, RFC 7797 §3.
    @Test func extensionsMustBeProtected() throws {
        for header: JSONObject in [["crit": ["b64"]], ["b64": false], ["b64": true], ["zip": "DEF"]] {
            #expect(throws: JOSEError.malformedHeader) { try verify(flattened.with("header", .object(header))) }
        }
        let raw = try Self.signature(#"{"alg":"ES256","b64":false,"crit":["b64"]}"#, over: "as it is: é", by: key)
        #expect(try verify(raw.with("payload", "as it is: é")).payload == Array("as it is: é".utf8))
        // One content, read in two ways.
        let encoded = try Self.signature(#"{"alg":"ES256"}"#, over: payload, by: key)
        let asItIs = try Self.signature(#"{"alg":"ES256","b64":false,"crit":["b64"]}"#, over: payload, by: key)
        #expect(throws: JOSEError.malformedToken) { try verify(general([encoded, asItIs])) }
        #expect(throws: Never.self) { try verify(general([asItIs, asItIs])) }
    }

    @Test func payloadsBesideAreUsedIfThereIsNoneWithin() throws {
        let content = Array(#"{"a":1}"#.utf8)
        #expect(try verify(signature, over: content).payload == content)
        #expect(throws: JOSEError.malformedToken) { try verify(flattened, over: content) }
        #expect(throws: JOSEError.malformedToken) { try verify(signature) }
        #expect(throws: JOSEError.invalidSignature) { try verify(signature, over: content + [32]) }
    }

    @Test func isBounded() throws {
        let most = [JSONObject](repeating: signature, count: JSONJWS.mostSignatures)
        #expect(throws: Never.self) { try verify(general(most)) }
        #expect(throws: JOSEError.oversize) { try verify(general(most + [signature])) }
        let document = flattened.jsonBytes()
        #expect(throws: Never.self) { try JSONJWS(parsing: document, limit: document.count) }
        #expect(throws: JOSEError.oversize) { try JSONJWS(parsing: document, limit: document.count - 1) }
        let deep = String(repeating: "[", count: 30) + String(repeating: "]", count: 30)
        let text = String(decoding: document.dropLast(), as: UTF8.self) + #","more":"#
        #expect(throws: JOSEError.malformedToken) { try JSONJWS(parsing: Array((text + deep + "}").utf8)) }
        #expect(throws: Never.self) { try JSONJWS(parsing: Array((text + "[[]]}").utf8)) }
        let twice = text.dropLast(7) + #","payload":"AAAA"}"#
        #expect(throws: JOSEError.malformedToken) { try JSONJWS(parsing: Array(twice.utf8)) }
    }
}

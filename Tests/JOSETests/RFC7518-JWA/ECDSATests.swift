import JSON
import Testing

@testable import JOSE

@Suite("RFC 7518 §3.4 ECDSA on every curve")
struct ECDSATests {
    @Test(arguments: EllipticCurve.allCases)
    func halvesAreFromOneToTheOrderLessOne(_ curve: EllipticCurve) throws {
        let size = curve.size
        #expect(curve.order.count == size)
        var largest = curve.order
        largest[size - 1] -= 1
        let zero = [UInt8](repeating: 0, count: size)
        var one = zero
        one[size - 1] = 1
        for (r, s) in [(one, one), (one, largest), (largest, one), (largest, largest)] {
            let der = try #require(ECDSASignature.der(fromFixed: r + s, on: curve))
            #expect(ECDSASignature.fixed(fromDER: der, on: curve) == r + s)
            #expect(der.count <= ECDSASignature.longest)
        }
        for (r, s) in [(zero, one), (one, zero), (curve.order, one), (one, curve.order)] {
            #expect(ECDSASignature.der(fromFixed: r + s, on: curve) == nil)
        }
        #expect(ECDSASignature.der(fromFixed: one + one + [0], on: curve) == nil)
        #expect(ECDSASignature.der(fromFixed: (one + one).dropLast(), on: curve) == nil)
    }

    @Test(arguments: [SignatureAlgorithm.es384, .es512])
    func noChangedByteOfASequenceCrashesTheConversion(_ algorithm: SignatureAlgorithm) throws {
        let curve: EllipticCurve = algorithm == .es384 ? .p384 : .p521
        let ones = [UInt8](repeating: 1, count: 2 * curve.size)
        let der = try #require(ECDSASignature.der(fromFixed: ones, on: curve))
        for place in der.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = der
                changed[place] = byte
                _ = ECDSASignature.fixed(fromDER: changed, on: curve)
            }
            #expect(ECDSASignature.fixed(fromDER: Array(der[..<place]), on: curve) == nil)
        }
        #expect(ECDSASignature.fixed(fromDER: der, on: curve) == ones)
    }

    @Test(arguments: [SignatureAlgorithm.es256, .es384, .es512])
    func verifiesWhatItSigns(_ algorithm: SignatureAlgorithm) throws {
        let key = try SigningKey.generate(algorithm)
        for count in 0..<40 {
            let message = [UInt8](repeating: UInt8(count), count: count * 7)
            let signature = try key.sign(message)
            #expect(try key.publicKey.isValid(signature, over: message))
            #expect(try !key.publicKey.isValid(signature, over: message + [0]))
            var changed = signature
            changed[count] ^= 1
            #expect(try !key.publicKey.isValid(changed, over: message))
        }
        #expect(OpenSSLErrors.isEmpty)
    }

    @Test(arguments: EllipticCurve.allCases)
    func readsPointsOfItsCurveAlone(_ curve: EllipticCurve) throws {
        let key = try PrivateMaterial.generate(curve).publicPart
        guard case .ec(_, let x, let y) = key.shape else { return }
        func jwk(_ x: [UInt8], _ y: [UInt8]) -> JSONObject {
            [
                "kty": "EC", "crv": .string(curve.rawValue), "x": .string(Base64URL.encode(x)),
                "y": .string(Base64URL.encode(y)),
            ]
        }
        var off = y
        off[curve.size - 1] ^= 1
        let zero = [UInt8](repeating: 0, count: curve.size), full = [UInt8](repeating: 0xFF, count: curve.size)
        for (x, y) in [
            (x, off), (zero, zero), (full, y), (x, full), ([0] + x, y), (x, [0] + y), (Array(x.dropLast()), y),
            ([], []),
        ] {
            #expect(throws: JOSEError.invalidKey) { try PublicKey(jwk: jwk(x, y)) }
        }
        #expect(throws: Never.self) { try PublicKey(jwk: jwk(x, y)) }
        #expect(OpenSSLErrors.isEmpty)
    }
}

extension ECDSASignature {
    fileprivate static func der(fromFixed signature: ArraySlice<UInt8>, on curve: EllipticCurve) -> [UInt8]? {
        der(fromFixed: Array(signature), on: curve)
    }
}

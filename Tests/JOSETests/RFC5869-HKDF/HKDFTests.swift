import JSON
import Testing

@testable import JOSE

@Suite("RFC 5869 HKDF with SHA-256")
struct HKDFTests {
    private func derive(_ key: [UInt8], _ salt: [UInt8], _ info: [UInt8], _ count: Int) -> [UInt8]? {
        HKDF.derive(from: Secret(key), salt: salt, info: info, count: count).map { secret in
            secret.withBytes { span in span.indices.map { span[$0] } }
        }
    }

    @Test func agreesWithAppendixA() {
        let key = [UInt8](repeating: 0x0B, count: 22)
        #expect(
            derive(key, Array(0x00...0x0C), Array(0xF0...0xF9), 42)
                == bytes(hex: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"))
        #expect(
            derive(Array(0x00...0x4F), Array(0x60...0xAF), Array(0xB0...0xFF), 82)
                == bytes(
                    hex:
                        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e"
                        + "09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"))
        #expect(
            derive(key, [], [], 42)
                == bytes(hex: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"))
    }

    @Test func derivesUpToTheLimitAndNoMore() {
        #expect(derive([1], [], [], HKDF.limit)?.count == 8160)
        #expect(derive([1], [], [], HKDF.limit + 1) == nil)
        #expect(derive([1], [], [], -1) == nil)
    }

    @Test(.enabled(if: Vectors.exist, Vectors.absence))
    func agreesWithWycheproof() throws {
        let tests = try Vectors.wycheproof("hkdf_sha256_test")
        #expect(tests.count == 86)
        for (_, test) in tests {
            let count = Int(test["size"]?.integer ?? 0)
            let output = derive(try test.hex("ikm"), try test.hex("salt"), try test.hex("info"), count)
            #expect(output == (test.isValid ? try test.hex("okm") : nil), "\(test.number)")
        }
    }
}

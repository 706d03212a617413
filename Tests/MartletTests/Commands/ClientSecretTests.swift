import JOSE
import Testing

@testable import Martlet

@Suite("Secrets of clients")
struct ClientSecretTests {
    @Test(arguments: [
        "short",
        "q8Jd0sVbX3mPz7LkYw2RtN5cHf9Ga1E",
        "0000000000000000000000000000000000000000",
        "abcabcabcabcabcabcabcabcabcabcabcabc",
        "q8Jd0sVbX3mPq8Jd0sVbX3mPq8Jd0sVbX3mP",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        "aabbccddeeffgghhiijjkkllmmnnooppqqrr",
        "passwordpasswordpasswordpassword",
        "abababababababababababababababababcd",
        "q8Jd0sVb X3mPz7LkYw2RtN5cHf9Ga1Eu6T4",
        "q8Jd0sVbéX3mPz7LkYw2RtN5cHf9Ga1Eu6T4",
        "q8Jd0sVb\u{7f}X3mPz7LkYw2RtN5cHf9Ga1Eu6T",
        String(repeating: "q8Jd0sVbX3mPz7LkYw2R", count: 26),
    ])
    func weakOnesAreRefused(_ secret: String) {
        #expect(ClientSecret.weakness(of: secret) != nil)
    }

    @Test(arguments: [
        "q8Jd0sVbX3mPz7LkYw2RtN5cHf9Ga1Eu",
        "9f86d081884c7d659a2feaa0c55ad015",
        "1f0e7a34-5b6c-4f3a-9d2e-8c7b6a5f4e3d",
        "correct-horse-battery-staple-and-more",
        "sk_live_51H8xQ2eZvKYlo2C0aBcDeFgHiJkLm",
    ])
    func strongOnesAreTaken(_ secret: String) {
        #expect(ClientSecret.weakness(of: secret) == nil)
    }

    @Test func generatedOnesAreLongDifferentAndStrong() {
        let secrets = (0..<100).map { _ in ClientSecret.generate(SystemRandom()) }
        #expect(Set(secrets).count == 100)
        #expect(secrets.allSatisfy { $0.utf8.count == 43 && ClientSecret.weakness(of: $0) == nil })
    }
}

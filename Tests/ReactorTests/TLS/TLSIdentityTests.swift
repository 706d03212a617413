import Reactor
import TLSTesting
import Testing

@Suite("TLS certificates and keys")
struct TLSIdentityTests {
    @Test(arguments: TestCertificate.Key.allCases)
    func aPairIsReadWithItsEnd(_ kind: TestCertificate.Key) throws {
        let certificate = try TestCertificate("a.example", key: kind, validFor: 3600)
        let identity = try TLSIdentity(certificate: certificate.pem, key: certificate.keyPEM)
        let now = Int(Deadline.wallClock)
        #expect((now + 3000...now + 3700).contains(identity.expiresAt))
    }

    @Test func certificateAndKeyMayStandInOneFile() throws {
        let certificate = try TestCertificate("a.example")
        let both = certificate.keyPEM + certificate.pem
        _ = try TLSIdentity(certificate: both, key: both)
    }

    @Test func whatCannotBeUsedIsToldApart() throws {
        let (one, other) = (try TestCertificate("a.example"), try TestCertificate("a.example"))
        func failure(_ certificate: [UInt8], _ key: [UInt8]) -> TLSError? {
            do throws(TLSError) {
                _ = try TLSIdentity(certificate: certificate, key: key)
                return nil
            } catch {
                return error
            }
        }
        #expect(failure(one.pem, one.keyPEM) == nil)
        #expect(failure(one.pem, other.keyPEM) == .mismatch)
        guard case .certificate = failure([], one.keyPEM) else { throw Wrong() }
        guard case .certificate = failure(Array(one.pem.dropLast(60)), one.keyPEM) else { throw Wrong() }
        guard case .key = failure(one.pem, []) else { throw Wrong() }
        guard case .key = failure(one.pem, Array(one.keyPEM.dropLast(40))) else { throw Wrong() }
        // A question at the terminal would never end.
        guard case .key = failure(one.pem, one.keyPEM(passphrase: "secret")) else { throw Wrong() }
        #expect(throws: TLSError.noCertificate) { try TLSServer([]) }
        #expect(throws: TLSError.self) { try TLSAuthorities(Array("nothing".utf8)) }
    }

    private struct Wrong: Error {}
}

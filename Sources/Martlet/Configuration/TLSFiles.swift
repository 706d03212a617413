import Glibc
import Reactor

/// The files that TLS works with.
struct TLSFiles: Sendable, Equatable {
    /// A certificate and its key.
    struct Pair: Sendable, Equatable {
        let certificate: String
        let key: String
    }

    let pairs: [Pair]
    /// Who vouches for clients.
    let authorities: String?

    /// Why a file cannot be used.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let setting: Setting
        let path: String
        let complaint: String
        let remedy: String

        var description: String { "\(path): \(complaint)" }
    }

    /// The most bytes of a file: a chain of many certificates, or the authorities of an enterprise.
    private static let limit = 256 * 1024

    /// A server with what the files hold now.
    func makeServer() throws(Failure) -> TLSServer {
        let identities = try load()
        let known = try loadAuthorities()
        do throws(TLSError) {
            return try TLSServer(identities, authorities: known)
        } catch {
            throw failure(.tlsCertificate, pairs[0].certificate, "\(error)")
        }
    }

    /// What the file of authorities holds now; nil where there is none.
    func loadAuthorities() throws(Failure) -> TLSAuthorities? {
        guard let authorities else { return nil }
        let contents = try read(authorities, .tlsClientAuthorities).bytes
        do throws(TLSError) {
            return try TLSAuthorities(contents)
        } catch {
            throw failure(.tlsClientAuthorities, authorities, "\(error)")
        }
    }

    /// What the files of certificates and keys hold now.
    func load() throws(Failure) -> [TLSIdentity] {
        var identities: [TLSIdentity] = []
        for pair in pairs {
            let certificate = try read(pair.certificate, .tlsCertificate)
            let key = try read(pair.key, .tlsKey)
            guard key.mode & 0o007 == 0 else {
                throw Failure(
                    setting: .tlsKey,
                    path: pair.key,
                    complaint: "everybody on this machine may read it (mode \(String(key.mode & 0o777, radix: 8)))",
                    remedy: "Take the rights away with: chmod 600, and consider whether somebody has copied it."
                )
            }
            do throws(TLSError) {
                identities.append(try TLSIdentity(certificate: certificate.bytes, key: key.bytes))
            } catch {
                switch error {
                case .key, .mismatch: throw failure(.tlsKey, pair.key, "\(error)")
                default: throw failure(.tlsCertificate, pair.certificate, "\(error)")
                }
            }
        }
        return identities
    }

    /// Changes whenever one of the files does, or is replaced.
    var fingerprint: [Int] {
        let paths = pairs.flatMap { [$0.certificate, $0.key] } + (authorities.map { [$0] } ?? [])
        return paths.flatMap { path -> [Int] in
            var status = stat()
            guard stat(path, &status) == 0 else { return [-1] }
            return [
                Int(status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size),
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, Int(status.st_mode),
            ]
        }
    }

    private func read(_ path: String, _ setting: Setting) throws(Failure) -> SmallFile.Contents {
        do {
            return try SmallFile.read(path, limit: Self.limit)
        } catch {
            throw Failure(
                setting: setting, path: path, complaint: "\(error)",
                remedy: "Correct the path, or give the server's user the right to read it.")
        }
    }

    private func failure(_ setting: Setting, _ path: String, _ complaint: String) -> Failure {
        Failure(
            setting: setting, path: path, complaint: complaint,
            remedy: "Write certificate, chain and key in PEM, the key without a passphrase.")
    }
}

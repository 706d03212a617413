/// The `openssl` command, where there is one: a second opinion about the signing rate, and certificates.
enum OpenSSLCommand {
    /// Makes a key of P-256 and a certificate of its own for the loopback address: the paths of both.
    static func certificate(folder: String) throws -> (certificate: String, key: String) {
        let (certificate, key) = ("\(folder)/tls.pem", "\(folder)/tls.key")
        let run = try CapturedRun(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ],
            environment: ["PATH=/usr/local/bin:/usr/bin:/bin"], folder: folder)
        guard run.status == 0 else { throw BenchFailure("openssl req: \(run.errors)") }
        return (certificate, key)
    }

    /// Signatures a second that `openssl speed ecdsap256` reports, or nil.
    static func signaturesPerSecond(folder: String, seconds: Int) -> Double? {
        let run = try? CapturedRun(
            "openssl", ["speed", "-mr", "-seconds", "\(seconds)", "ecdsap256"],
            environment: ["PATH=/usr/local/bin:/usr/bin:/bin"], folder: folder)
        // +F4:<number>:<bits>:<seconds a signature or signatures a second>:<the same for verifying>
        guard let run, run.status == 0,
            let line = run.output.split(separator: "\n").last(where: { $0.hasPrefix("+F4:") })
        else { return nil }
        let fields = line.split(separator: ":")
        guard fields.count >= 5, let value = Double(fields[3]), value > 0 else { return nil }
        return value < 1 ? 1 / value : value
    }
}

import Glibc

/// A certificate authority and a TLS server of OpenSSL's command line, in a temporary folder.
///
/// The server sends files that hold whole answers, so a test writes what comes over the wire.
final class TLSFileServer {
    let port: UInt16
    private let folder: String
    private let names: [String]
    private var process: pid_t = 0

    struct Failure: Error {}

    /// Starts a server with a certificate for these names, signed by the authority of `authorities`.
    ///
    /// `{port}` in an answer becomes the port of the server.
    init(names: [String], files: [String: String]) throws {
        var template = Array("/tmp/martlet-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure() }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.names = ["ca.key", "ca.pem", "ca.srl", "names", "rp.key", "rp.csr", "rp.pem"] + files.keys
        let place = try LoopbackPort()
        port = place.number
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        try run("req -x509 -days 2 -subj /CN=authority -keyout ca.key -out ca.pem \(key)")
        try write("subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ","), to: "names")
        try run("req -subj /CN=rp -keyout rp.key -out rp.csr \(key)")
        try run("x509 -req -in rp.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out rp.pem")
        for (name, content) in files { try write(content.replacing("{port}", with: "\(port)"), to: name) }
        place.giveBack()
        process = try start("s_server -accept 127.0.0.1:\(port) -cert rp.pem -key rp.key -HTTP")
        try waitUntilReady()
    }

    deinit {
        if process > 0 {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        for name in names { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// The file of the authority's certificate.
    var authorities: String { "\(folder)/ca.pem" }

    private func write(_ text: String, to name: String) throws {
        guard let file = fopen("\(folder)/\(name)", "w") else { throw Failure() }
        fputs(text, file)
        fclose(file)
    }

    private func run(_ arguments: String) throws {
        var status: Int32 = 0
        let process = try start(arguments)
        var ended = waitpid(process, &status, 0)
        while ended < 0, errno == EINTR { ended = waitpid(process, &status, 0) }
        guard ended == process, status == 0 else { throw Failure() }
    }

    private func start(_ arguments: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let script = "cd \(folder) && exec openssl \(arguments)"
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("sh"), strdup("-c"), strdup(script), nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        guard posix_spawn(&process, "/bin/sh", &actions, nil, &words, environ) == 0 else { throw Failure() }
        return process
    }

    private func waitUntilReady() throws {
        for _ in 0..<100_000 {
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == 0 else { throw Failure() }
            if ScriptedServer.accepts(port) { return }
            usleep(1000)
        }
        throw Failure()
    }
}

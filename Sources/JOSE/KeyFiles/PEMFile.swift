internal import COpenSSL

/// A private key in PEM, encrypted or not.
enum PEMFile {
    /// What the library asks for, and whether it has asked.
    private struct Question {
        let password: Secret?
        var isAsked = false
    }

    static func read(_ bytes: [UInt8], _ password: Secret?) throws(PrivateKeyFile.Refusal) -> EVPKey {
        guard let count = Int32(exactly: bytes.count), let source = BIO_new_mem_buf(bytes, count) else {
            throw .unknownForm
        }
        defer { BIO_free(source) }
        var question = Question(password: password)
        let key = withUnsafeMutablePointer(to: &question) { question in
            // Without a function of ours the library would ask at the terminal.
            PEM_read_bio_PrivateKey(source, nil, { PEMFile.answer($0, $1, $3) }, question)
        }
        if let key, let owned = try? EVPKey(owning: key, orThrow: .invalidKey) { return owned }
        if question.isAsked { throw password == nil ? .passwordNeeded : .ofDecryption() }
        guard PrivateKeyFile.contains("PRIVATE KEY-----", bytes) else { throw .noPrivateKey }
        throw .invalid
    }

    private static func answer(
        _ target: UnsafeMutablePointer<CChar>?, _ room: Int32, _ argument: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let target, let question = argument?.assumingMemoryBound(to: Question.self) else { return -1 }
        question.pointee.isAsked = true
        guard let password = question.pointee.password, password.count <= Int(room) else { return -1 }
        password.withBytes { bytes in
            for index in bytes.indices { target[index] = CChar(bitPattern: bytes[index]) }
        }
        return Int32(password.count)
    }
}

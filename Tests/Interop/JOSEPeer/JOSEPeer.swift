import Glibc
import JOSE
import JSON
import WebAuthn

/// The side of Martlet in the comparison with other implementations of JOSE and WebAuthn: jose_differential.py.
///
/// Reads one question a line from standard input and writes one answer a line, both JSON objects. A refusal is an
/// answer too: `{"refused": "invalidSignature"}`. Only for tests: it is no part of any program that is shipped.
@main
struct JOSEPeer {
    /// What can be asked for, by the name in `do`.
    static let answers: [String: @Sendable (Question) throws -> JSONObject] = [
        "generate": Signatures.generate,
        "import": Signatures.importKey,
        "thumbprint": Signatures.thumbprint,
        "sign": Signatures.sign,
        "verify": Signatures.verify,
        "generate decryption key": Encryption.generate,
        "import decryption key": Encryption.importKey,
        "encrypt": Encryption.encrypt,
        "decrypt": Encryption.decrypt,
        "open nested": Encryption.nested,
        "make authenticator": Passkeys.make,
        "answer options": Passkeys.answer,
        "passkey options": Passkeys.options,
        "register passkey": Passkeys.register,
        "verify passkey": Passkeys.verify,
    ]

    static func main() {
        while let line = readLine() {
            print(String(decoding: JSONValue.object(answer(line)).jsonBytes(), as: UTF8.self))
            fflush(nil)
        }
    }

    private static func answer(_ line: String) -> JSONObject {
        do {
            let members = try JSONObject(parsing: Array(line.utf8), limits: JSONLimits(bytes: 1 << 22))
            let question = Question(members)
            guard let answer = answers[try question.text("do")] else { return ["broken": "no such question"] }
            return try answer(question)
        } catch let error as JOSEError {
            return ["refused": .string("\(error)")]
        } catch let error as WebAuthnError {
            return ["refused": .string("\(error)")]
        } catch {
            return ["broken": .string("\(error)")]
        }
    }
}

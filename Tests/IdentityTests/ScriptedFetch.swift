import Identity
import Synchronization

/// Other servers, as a test has them: one answer to everything, or none at all.
final class ScriptedFetch: WebFetch {
    struct Unreachable: Error {}

    private let answer: [UInt8]?
    private let log = Mutex<[String]>([])

    init(_ answer: [UInt8]?) { self.answer = answer }

    convenience init(_ answer: String) { self.init(Array(answer.utf8)) }

    /// The addresses and forms, in their order.
    var asked: [String] { log.withLock { $0 } }

    func get(_ address: String, fields: [(name: String, value: String)]) async throws -> [UInt8] {
        log.withLock { $0.append(address) }
        guard let answer else { throw Unreachable() }
        return answer
    }

    func post(_ form: [(name: String, value: String)], to address: String) async throws -> [UInt8] {
        let text = form.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        log.withLock { $0.append("\(address) \(text)") }
        guard let answer else { throw Unreachable() }
        return answer
    }
}

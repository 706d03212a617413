import JOSE
import JSON
import Synchronization
import TokenVerifier

/// An issuer's documents, without a network; says how often it was asked, and can make those who ask wait.
final class ScriptedSource: KeySetSource {
    struct Request: Sendable, Equatable {
        let address: String
        let validator: String?
    }

    private struct State {
        var documents: [String: PublishedDocument] = [:]
        var failure: KeySetFailure?
        var requests: [Request] = []
        var isShut = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Keys at the address `keys`.
    convenience init(_ keys: [PublicKey], lifetime: Duration? = .seconds(300)) throws {
        self.init()
        try publish(keys, lifetime: lifetime)
    }

    init() {}

    var requests: [Request] { state.withLock { $0.requests } }

    func publish(_ keys: [PublicKey], at address: String = "keys", lifetime: Duration? = .seconds(300)) throws {
        let set = try JWKSet(keys).jsonBytes()
        self[address] = .document(set, lifetime: lifetime, validator: "\"\(keys.map(\.keyID).joined())\"")
    }

    subscript(address: String) -> PublishedDocument? {
        get { state.withLock { $0.documents[address] } }
        set { state.withLock { $0.documents[address] = newValue } }
    }

    var failure: KeySetFailure? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }

    /// From now on, whoever asks waits.
    func shut() { state.withLock { $0.isShut = true } }

    /// Whoever waits gets an answer, and later ones at once.
    func open() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isShut = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func document(
        at address: String, unless validator: String?
    ) async throws(KeySetFailure) -> PublishedDocument {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                state.requests.append(Request(address: address, validator: validator))
                if state.isShut { state.held.append(continuation) }
                return !state.isShut
            }
            if goesOn { continuation.resume() }
        }
        guard !Task.isCancelled else { throw .cancelled }
        if let failure { throw failure }
        switch self[address] {
        case nil: throw .refused(status: 404)
        case .document(_, let lifetime, let tag?) where tag == validator: return .unchanged(lifetime: lifetime)
        case let document?: return document
        }
    }
}

/// Lets others run until something holds, however slow the machine is; whoever waits for what never comes is ended by
/// the time limit of the tests.
func eventually(_ condition: () -> Bool) async {
    while !condition() {
        try? await Task.sleep(for: .milliseconds(1))
    }
}

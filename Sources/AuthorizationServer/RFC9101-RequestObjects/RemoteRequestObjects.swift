import OAuthTypes
import Stores
import Synchronization

/// Request objects at addresses that their clients registered: RFC 9101 §5.2, OpenID Connect Core §6.2.
///
/// Whoever follows a link makes us fetch: so each address is asked by one request at a time, not again for some seconds,
/// and few at once. A fragment is part of the name under which an object is kept and is not sent; by another one its
/// client says that there is another object. It is not compared with the content: certification has it before there is any.
final class RemoteRequestObjects: Sendable {
    private struct Entry {
        var text: String?
        var isFresh = false
        var freshUntil = Timestamp(microseconds: 0)
        var keptAt = Timestamp(microseconds: 0)
        var isAsking = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private enum Step {
        case use(String?)
        case ask
        case wait
        case busy
    }

    /// How long an object is used, whatever its answer says.
    static let lifetime: ClosedRange<Duration> = .seconds(5) ... .seconds(3600)
    /// Fetches at once.
    static let fetches = 16
    /// Objects that are kept.
    private static let capacity = 256
    /// What an answer may say that it is; nothing is sniffed, and the signature decides.
    private static let types: Set<String> = [
        "application/oauth-authz-req+jwt", "application/jwt", "application/jose", "text/plain",
        "application/octet-stream",
    ]

    private let documents: any RemoteDocuments
    private let clock: any TimeSource
    private let entries = Mutex<[String: Entry]>([:])

    init(_ documents: any RemoteDocuments, clock: any TimeSource) {
        self.documents = documents
        self.clock = clock
    }

    /// The object at an address, as it is there or was a short while ago.
    func text(at address: RequestObjectAddress) async throws(OAuthError) -> String {
        var text: String?
        switch entries.withLock({ RemoteRequestObjects.step(&$0, address.rawValue, at: clock.now) }) {
        case .use(let known): text = known
        case .ask: text = await ask(address)
        case .wait: text = await wait(for: address)
        case .busy:
            throw OAuthError(.temporarilyUnavailable, "too many request objects are being fetched; try again")
        }
        guard let text else {
            throw OAuthError(
                .invalidRequestURI, "there is no request object at request_uri",
                advice: "nothing could be fetched from \(address): it must be reachable from the internet, answer within "
                    + "seconds with at most \(RequestObjectReader.limit) bytes, and name a type such as "
                    + "application/oauth-authz-req+jwt")
        }
        return text
    }

    private static func step(_ entries: inout [String: Entry], _ name: String, at now: Timestamp) -> Step {
        if let entry = entries[name] {
            if entry.isAsking { return .wait }
            // A clock that was put back makes nothing last longer.
            if entry.isFresh, entry.keptAt <= now, now < entry.freshUntil { return .use(entry.text) }
        }
        guard entries.values.count(where: \.isAsking) < fetches else { return .busy }
        if entries.count >= capacity { entries = entries.filter { $0.value.isAsking } }
        entries[name, default: Entry()].isAsking = true
        return .ask
    }

    private func ask(_ address: RequestObjectAddress) async -> String? {
        let document = try? await documents.fetch(
            address.address, accepting: "application/oauth-authz-req+jwt, application/jwt", limit: RequestObjectReader.limit)
        let isTyped = document?.type.map(RemoteRequestObjects.types.contains) ?? true
        let text = document.flatMap { isTyped ? String(validating: $0.bytes, as: UTF8.self) : nil }
            .map { String($0.trimming { $0 == "\n" || $0 == "\r\n" || $0 == " " }) }
        let bounds = RemoteRequestObjects.lifetime
        let lifetime = min(max(document?.lifetime ?? .zero, bounds.lowerBound), bounds.upperBound)
        let now = clock.now
        let waiting = entries.withLock { entries in
            let waiting = entries[address.rawValue]?.waiting ?? []
            entries[address.rawValue] = Entry(
                text: text, isFresh: true, freshUntil: now + (text == nil ? bounds.lowerBound : lifetime), keptAt: now)
            return waiting
        }
        for continuation in waiting { continuation.resume() }
        return text
    }

    private func wait(for address: RequestObjectAddress) async -> String? {
        await withCheckedContinuation { continuation in
            let isOver = entries.withLock { entries in
                guard entries[address.rawValue]?.isAsking == true else { return true }
                entries[address.rawValue]?.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
        return entries.withLock { $0[address.rawValue]?.text }
    }
}

extension StringProtocol {
    /// The text without certain characters at its ends.
    fileprivate func trimming(_ isLoose: (Character) -> Bool) -> SubSequence {
        let start = drop(while: isLoose)
        guard let last = start.lastIndex(where: { !isLoose($0) }) else { return start }
        return start[...last]
    }
}

import HTTP

@testable import Reactor

/// A server on a free port of loopback, with what it logged.
final class LiveServer: Sendable {
    struct Record: Sendable, Equatable {
        let method: String
        let path: String
        let status: Int
        let bytes: Int
        let id: String
        var peer = "127.0.0.1"
        var isRefusedForLoad = false
    }

    let server: HTTPServer
    let log = Locked([Record]())
    let faults = Locked([String]())

    private init(_ configuration: ServerConfiguration, _ group: EventLoopGroup, _ router: Router) {
        let holder = Holder()
        server = HTTPServer(
            configuration: configuration,
            group: group,
            respond: { await router.respond(to: $0) },
            accessLog: { record in holder.live?.note(record) },
            faultLog: { reason, id in holder.live?.note(reason, id) }
        )
        holder.live = self
    }

    /// Breaks the circle of a server whose log needs it.
    ///
    /// Set once, before the server starts.
    private final class Holder: @unchecked Sendable {
        weak var live: LiveServer?
    }

    private func note(_ record: borrowing AccessRecord) {
        let record = Record(
            method: record.method.text,
            path: record.path,
            status: Int(record.status.rawValue),
            bytes: record.bytes,
            id: record.id.description,
            peer: record.peer.description,
            isRefusedForLoad: record.notes.isRefusedForLoad
        )
        log.withLock { $0.append(record) }
    }

    private func note(_ reason: StaticString, _ id: RequestID) {
        faults.withLock { $0.append("\(id): \(reason)") }
    }

    var port: UInt16 { server.boundAddresses[0].port }
    var records: [Record] { log.withLock { $0 } }

    func client() -> RawClient { RawClient(port: port) }

    /// Runs `body` with a server of these routes and stops it afterwards.
    static func run(
        loops: Int = 1,
        configure: @Sendable (inout ServerConfiguration) -> Void = { _ in },
        routes: @Sendable (inout Router) -> Void = standardRoutes,
        _ body: @Sendable (LiveServer) async throws -> Void,
        adopting inherited: @Sendable () -> InheritedSockets? = { nil }
    ) async throws {
        let group = try EventLoopGroup(count: loops)
        var configuration = ServerConfiguration(addresses: [SocketAddress("127.0.0.1", port: 0)!])
        // A slow machine shall not make a test fail: tests about a timeout set it themselves.
        configuration.timeouts.header = .seconds(600)
        configuration.timeouts.body = .seconds(600)
        configuration.timeouts.idle = .seconds(600)
        configuration.timeouts.write = .seconds(600)
        configuration.overload.patience = .seconds(600)
        configure(&configuration)
        var router = Router()
        routes(&router)
        let live = LiveServer(configuration, group, router)
        try live.server.start(adopting: inherited())
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(live))
        } catch {
            result = .failure(error)
        }
        await live.server.drain(within: .zero)
        await group.stop()
        try result.get()
    }

    @Sendable static func standardRoutes(_ router: inout Router) {
        router.on(.get, "/plain") { _ in .text("plain") }
        router.on(.post, "/echo") { Response(.ok, body: .bytes($0.body)) }
        router.on(.get, "/item/:id") { .text($0.parameter("id") ?? "?") }
    }
}

extension String {
    /// A `GET` of a path, with the fields that HTTP/1.1 needs.
    static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    /// A `POST` with a body and its length.
    static func post(_ path: String, _ body: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

/// Waits until something is so.
///
/// Gives up, as a failure, only when it clearly never will be.
func eventually(_ condition: () -> Bool) async throws {
    for _ in 0..<60_000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(1))
    }
    throw NeverHappened()
}

/// What was waited for did not come.
struct NeverHappened: Error {}

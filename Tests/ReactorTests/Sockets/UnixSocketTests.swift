import Glibc
import Testing

@testable import Reactor

@Suite("Unix-domain sockets", .timeLimit(.minutes(10)))
struct UnixSocketTests {
    /// Answers every connection with one byte, until the test is over.
    private func serve(_ listeners: [Listener], _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { tasks in
            for listener in listeners {
                tasks.addTask(executorPreference: listener.loop) {
                    while let stream = await listener.accept() {
                        #expect(stream.peer == .local)
                        try await stream.write([42], until: .generous)
                        stream.close()
                    }
                }
            }
            defer { for listener in listeners { listener.loop.execute { listener.close() } } }
            try await body()
        }
    }

    private func answer(_ path: String) -> UInt8? {
        let descriptor = SocketFolder.connect(path)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        var count = recv(descriptor, &byte, 1, 0)
        while count < 0, errno == EINTR { count = recv(descriptor, &byte, 1, 0) }
        return count == 1 ? byte : nil
    }

    @Test func allLoopsShareOneSocketWithItsMode() async throws {
        let folder = SocketFolder()
        let path = try #require(UnixSocketPath(folder.file("s"), mode: 0o620))
        try await withLoops(3) { group in
            let listeners = try Listener.all(at: .unix(path), on: group.loops)
            #expect(listeners.map(\.place) == Array(repeating: .unix(path), count: 3))
            #expect(SocketFolder.mode(path.path) == S_IFSOCK | 0o620)
            try await serve(listeners) {
                for _ in 0..<20 { #expect(answer(path.path) == 42) }
                try await Task.sleep(for: .zero)
            }
        }
        #expect(answer(path.path) == nil)
    }

    @Test func aSocketThatNobodyListensAtIsReplaced() async throws {
        let folder = SocketFolder()
        let path = try #require(UnixSocketPath(folder.file("s")))
        try await withLoops(1) { group in
            let old = try Listener(.unix(path), on: group.loops[0])
            let error = #expect(throws: SystemError.self) { try Listener(.unix(path), on: group.loops[0]) }
            #expect(error?.code == EADDRINUSE)
            try await group.loops[0].run { old.close() }
            #expect(SocketFolder.mode(path.path) != nil)
            let listeners = [try Listener(.unix(path), on: group.loops[0])]
            try await serve(listeners) {
                #expect(answer(path.path) == 42)
                try await Task.sleep(for: .zero)
            }
        }
    }

    @Test func onlyItsOwnSocketIsTakenAway() async throws {
        let folder = SocketFolder()
        let path = try #require(UnixSocketPath(folder.file("s")))
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let first = try Listener(.unix(path), on: loop)
            try await loop.run { first.close() }
            // Another server finds that nobody listens there, and does so itself; the node may have the old number.
            let second = try Listener(.unix(path), on: loop)
            try #require(first.claim).release()
            try await serve([second]) {
                #expect(answer(path.path) == 42)
                try await Task.sleep(for: .zero)
            }
            try #require(second.claim).release()
            #expect(SocketFolder.mode(path.path) == nil)
        }
    }

    @Test func whoeverHandsOverHandsItsClaimOver() async throws {
        let folder = SocketFolder()
        let path = try #require(UnixSocketPath(folder.file("s")))
        try await withLoops(2) { group in
            let listener = try Listener(.unix(path), on: group.loops[0])
            let claim = try #require(listener.claim)
            #expect(UnixSocketClaim(name: claim.name[...], at: .unix(path)) == claim)
            let ip = ListenAddress.ip(SocketAddress("127.0.0.1", port: 80)!)
            #expect(UnixSocketClaim(name: claim.name[...], at: ip) == nil)
            for name in ["", "listen", "martlet-own", "martlet-own-1-2-3", "martlet-own-1-2-3-x", claim.name + "-1"] {
                #expect(UnixSocketClaim(name: name[...], at: .unix(path)) == nil)
            }
            // What a service manager has made is not ours, on no loop.
            let inherited = InheritedSockets([try listener.duplicate()])
            let adopted = try Listener.all(at: .unix(path), on: group.loops, adopting: inherited)
            #expect(adopted.map(\.claim) == [nil, nil])
            let shared = try Listener.all(at: .unix(try #require(UnixSocketPath(folder.file("t")))), on: group.loops)
            #expect(shared[0].claim != nil && shared[0].claim == shared[1].claim)
        }
    }

    @Test func ofManyThatStartAtOnceOneListens() async throws {
        let folder = SocketFolder()
        let path = try #require(UnixSocketPath(folder.file("s")))
        try await withLoops(4) { group in
            for _ in 0..<50 {
                // Each round begins with a socket that nobody listens at.
                let stale = try Listener(.unix(path), on: group.loops[0])
                try await group.loops[0].run { stale.close() }
                let started = await withTaskGroup(of: Listener?.self) { tasks in
                    for loop in group.loops {
                        tasks.addTask(executorPreference: loop) { try? Listener(.unix(path), on: loop) }
                    }
                    return await tasks.reduce(into: [Listener]()) { all, one in if let one { all.append(one) } }
                }
                #expect(started.count == 1)
                // Reached at the path; those that came too late have knocked, too, so nobody is answered here.
                let client = SocketFolder.connect(path.path)
                #expect(client >= 0)
                close(client)
                for listener in started { try await listener.loop.run { listener.close() } }
            }
        }
    }

    @Test func whatIsNoSocketStays() async throws {
        let folder = SocketFolder()
        let path = try #require(UnixSocketPath(folder.file("file")))
        close(open(path.path, O_CREAT | O_WRONLY, 0o600))
        try await withLoops(1) { group in
            #expect(throws: SystemError.self) { try Listener(.unix(path), on: group.loops[0]) }
        }
        UnixSocketClaim(path)?.release()
        #expect(SocketFolder.mode(path.path) == S_IFREG | 0o600)
        // Nor what a link points to.
        let link = try #require(UnixSocketPath(folder.file("link")))
        symlink(path.path, link.path)
        try await withLoops(1) { group in
            #expect(throws: SystemError.self) { try Listener(.unix(link), on: group.loops[0]) }
        }
        #expect(SocketFolder.mode(link.path).map { $0 & S_IFMT } == S_IFLNK)
    }

    @Test func pathsThatTheKernelCannotTakeAreNone() {
        #expect(UnixSocketPath("") == nil)
        #expect(UnixSocketPath("/a\0b") == nil)
        #expect(UnixSocketPath("/" + String(repeating: "x", count: 107)) == nil)
        #expect(UnixSocketPath("/" + String(repeating: "x", count: 106)) != nil)
    }
}

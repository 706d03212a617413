import Glibc
import Testing

@testable import Reactor

/// Hands sockets to programs of its own, so nothing here touches the descriptors of the test process from 3 on.
@Suite("Sockets handed over")
struct InheritedSocketsTests {
    @Test(arguments: [
        [:], ["LISTEN_FDS": "1"], ["LISTEN_FDS": "1", "LISTEN_PID": "1"], ["LISTEN_FDS": "0", "LISTEN_PID": "self"],
        ["LISTEN_FDS": "-1", "LISTEN_PID": "self"], ["LISTEN_FDS": "x", "LISTEN_PID": "self"],
        ["LISTEN_FDS": "9999", "LISTEN_PID": "self"], ["LISTEN_FDS": "1", "LISTEN_PID": "parent"],
    ])
    func whatIsNotMeantForUsIsNotTouched(_ variables: [String: String]) {
        let sockets = InheritedSockets { name in
            switch variables[name] {
            case "self": String(getpid())
            case "parent": String(getppid())
            case let value: value
            }
        }
        #expect(sockets.closeRest().isEmpty)
        #expect(!sockets.holds(.ip(SocketAddress("127.0.0.1", port: 80)!)))
    }

    @Test func everySocketGetsALoopAndEveryLoopASocket() async throws {
        for (sockets, loops) in [(1, 3), (3, 1), (2, 2), (3, 2)] {
            try await withLoops(3) { group in
                // What a server before had: as many sockets of one port.
                let first = try Listener(SocketAddress("127.0.0.1", port: 0)!, on: group.loops[0])
                let others = try (1..<sockets).map { _ in try Listener(first.address, on: group.loops[0]) }
                let copies = try ([first] + others).map { try $0.duplicate() }
                let inherited = InheritedSockets(copies)
                #expect(inherited.holds(first.place))
                let listeners = try Listener.all(
                    at: first.place, on: Array(group.loops.prefix(loops)), adopting: inherited)
                #expect(listeners.count == max(sockets, loops))
                #expect(Set(listeners.map { $0.loop.index }).count == loops)
                #expect(!inherited.holds(first.place) && inherited.closeRest().isEmpty)
                // The old ones go; nobody notices.
                try await group.loops[0].run { for listener in [first] + others { listener.close() } }
                try await withThrowingDiscardingTaskGroup { tasks in
                    for listener in listeners {
                        tasks.addTask(executorPreference: listener.loop) {
                            while let stream = await listener.accept() { stream.close() }
                        }
                    }
                    defer { for listener in listeners { listener.loop.execute { listener.close() } } }
                    for _ in 0..<30 {
                        let end = try await group.loops[2].run {
                            let stream = try await Connection.connect(
                                to: first.address, on: group.loops[2], until: .generous)
                            return try await stream.read(upTo: 1, until: .generous)
                        }
                        #expect(end.isEmpty)
                    }
                }
            }
        }
    }

    @Test func whatWasTakenInVainGoesBack() async throws {
        try await withLoops(2) { group in
            let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!, on: group.loops[0])
            let inherited = InheritedSockets([try listener.duplicate()])
            #expect(try Listener.all(at: listener.place, on: group.loops, adopting: inherited).count == 2)
            // As when a listener after them could not be had.
            #expect(inherited.holds(listener.place))
            #expect(inherited.closeRest() == [listener.place])
        }
    }

    @Test func whatNobodyWantsIsClosedAndNamed() async throws {
        try await withLoops(1) { group in
            let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!, on: group.loops[0])
            let inherited = InheritedSockets([try listener.duplicate()])
            #expect(inherited.closeRest() == [listener.place])
            #expect(inherited.closeRest().isEmpty)
        }
    }

    @Test func aPlaceIsReadFromItsSocket() async throws {
        let folder = SocketFolder()
        try await withLoops(1) { group in
            let path = try #require(UnixSocketPath(folder.file("s")))
            for place in [
                ListenAddress.unix(path), .ip(SocketAddress("127.0.0.1", port: 0)!),
                .ip(SocketAddress("::1", port: 0)!),
            ] {
                let listener = try Listener(place, on: group.loops[0])
                let copy = try listener.duplicate()
                #expect(ListenAddress(boundTo: copy) == listener.place)
                close(copy)
            }
            #expect(ListenAddress(boundTo: 0) == nil)
        }
    }
}

@Suite("A successor", .timeLimit(.minutes(2)))
struct SuccessorTests {
    @Test func whoeverIsNotReadyAndDoesNotGoIsEnded() async throws {
        let folder = SocketFolder()
        let note = folder.file("process")
        let script = "trap '' TERM; echo $$ >\"$0\"; exec 3>&-; while :; do sleep 1; done"
        try await withLoops(1) { group in
            let loop = group.loops[0]
            let failure = await #expect(throws: Successor.Failure.self) {
                try await loop.run {
                    _ = try await Successor.start(
                        "/bin/sh", ["-c", script, note], environment: ["PATH=/usr/bin:/bin"], sockets: [], on: loop,
                        until: .never)
                }
            }
            #expect(failure == .ended)
            var text = [UInt8](repeating: 0, count: 20)
            let file = open(note, O_RDONLY)
            let count = read(file, &text, text.count)
            close(file)
            let process = try #require(Int32(String(decoding: text[..<max(1, count)], as: UTF8.self).dropLast()))
            // Not even a zombie is left.
            #expect(kill(process, 0) == -1 && errno == ESRCH)
        }
    }
}

@Suite("Service manager")
struct ServiceManagerTests {
    /// A socket that hears what is said at a path or, with `@`, at a name outside of the file system.
    private func ear(_ name: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let path = name.hasPrefix("@") ? "\0" + name.dropFirst() : name
        _ = SocketFolder.withAddress(path) { bind(descriptor, $0, $1) }
        return descriptor
    }

    private func heard(_ descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    @Test func hearsWhatIsSaidAtBothKindsOfNames() throws {
        let folder = SocketFolder()
        for name in [folder.file("notify"), "@martlet-test-\(getpid())"] {
            let descriptor = ear(name)
            defer { close(descriptor) }
            let manager = ServiceManager { $0 == "NOTIFY_SOCKET" ? name : nil }
            for (message, text) in [
                (ServiceManager.Message.ready, "READY=1"), (.stopping, "STOPPING=1"), (.watchdog, "WATCHDOG=1"),
                (.mainProcess(77), "MAINPID=77"),
            ] {
                #expect(manager.tell(message))
                #expect(heard(descriptor) == text)
            }
            #expect(manager.tell(.reloading))
            let reloading = try #require(heard(descriptor)).split(separator: "\n")
            #expect(reloading.first == "RELOADING=1" && reloading.last?.hasPrefix("MONOTONIC_USEC=") == true)
        }
    }

    @Test(arguments: [nil, "", "@", "relative", "/does/not/exist", "/" + String(repeating: "x", count: 200)])
    func withoutOneNothingHappens(_ name: String?) {
        #expect(!ServiceManager { $0 == "NOTIFY_SOCKET" ? name : nil }.tell(.ready))
    }

    @Test func watchesOnlyWhomItMeans() {
        func interval(_ time: String?, _ process: String?) -> Duration? {
            ServiceManager { $0 == "WATCHDOG_USEC" ? time : $0 == "WATCHDOG_PID" ? process : nil }.watchdogInterval
        }
        #expect(interval("30000000", nil) == .seconds(30))
        #expect(interval("30000000", "\(getpid())") == .seconds(30))
        #expect(interval("30000000", "1") == nil)
        #expect(interval("0", nil) == nil && interval(nil, nil) == nil && interval("x", nil) == nil)
    }
}

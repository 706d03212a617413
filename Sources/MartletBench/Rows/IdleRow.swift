import CLinux
import Glibc

/// What ten thousand connections cost that have asked once and now wait: the server's own memory, not the kernel's.
enum IdleRow {
    private static let count = 10_000

    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        let connections = bench.options.isQuick ? count / 10 : count
        try DescriptorLimit.raise(to: connections + 200)
        let installation = try Installation(
            program: bench.program, folder: bench.folder, name: "idle", templates: bench.options.templates)
        let server = try bench.processors.onServerCore { try TestedServer(installation) }
        defer { server.stop() }
        let request = RequestText.get("/jwks", port: server.port)
        // What the first requests need is not the connections'.
        for _ in 0..<20 { _ = try Conversation(port: server.port).ask(request) }
        Monotonic.sleep(seconds: 0.5)
        let before = try server.memory()

        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        for _ in 0..<connections {
            let descriptor = try ClientSocket.connect(port: server.port)
            descriptors.append(descriptor)
            guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count,
                recv(descriptor, &buffer, buffer.count, 0) > 12, buffer[9..<12].elementsEqual("200".utf8)
            else { throw BenchFailure("connection \(descriptors.count) has no answer") }
        }
        // Until no connection has a task any more.
        Monotonic.sleep(seconds: 1)
        let after = try server.memory()
        report.add(
            .perConnection, Figure([(after.resident - before.resident) / Double(connections)], .bytes),
            "\(Format.grouped(Double(connections))) connections, each after one request: "
                + "\(Format.bytes(before.resident)) to \(Format.bytes(after.resident))")

        for descriptor in descriptors { close(descriptor) }
        descriptors = []
        Monotonic.sleep(seconds: 1)
        report.notes.append("after they have gone \(Format.bytes(try server.memory().resident))")
    }
}

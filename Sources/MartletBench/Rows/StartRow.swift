import Glibc

/// How long a start takes on a database that is there already.
enum StartRow {
    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        let installation = try Installation(
            program: bench.program, folder: bench.folder, name: "start", templates: bench.options.templates)
        _ = try installation.addMachine()
        // The first start makes the signing keys.
        try bench.processors.onServerCore { try TestedServer(installation) }.stop()
        let times = try (0..<(bench.options.isQuick ? 5 : 10)).map { _ in
            let server = try bench.processors.onServerCore { try TestedServer(installation) }
            defer { server.stop() }
            return server.startTime
        }
        let figure = Figure(times, .seconds)
        report.add(
            .server, figure,
            "median of \(times.count), \(Format.milliseconds((figure.samples.first ?? 0) * 1000)) to "
                + Format.milliseconds((figure.samples.last ?? 0) * 1000))
    }
}

/// How big the program is.
enum SizeRow {
    static func run(_ bench: Bench, _ report: inout RowReport) throws {
        var information = stat()
        guard stat(bench.program, &information) == 0 else { throw BenchFailure.call(bench.program) }
        report.add(.server, Figure([Double(information.st_size)], .bytes), bench.program)
    }
}

import Testing

@testable import MartletBench

@Suite("The command line of the benchmark")
struct OptionsTests {
    @Test("Options are read")
    func reads() throws {
        let options = try Options(["--row", "keys", "--row", "start", "--quick", "--connections", "8", "--no-pin"])
        #expect(options.rows == ["keys", "start"])
        #expect(options.isQuick)
        #expect(options.connections == 8)
        #expect(!options.pins)
        #expect(!options.isCheck)
    }

    @Test(
        "What is not understood is refused",
        arguments: [["--fast"], ["--row"], ["--row", "nothing"], ["--connections", "0"], ["--pipeline", "many"]])
    func refuses(_ arguments: [String]) throws {
        #expect(throws: BenchFailure.self) { try Options(arguments) }
        #expect(try Options(["--pipeline", "16"]).depth == 16)
    }

    @Test("The help names every row")
    func help() {
        for row in Row.all { #expect(Options.help.contains("  " + row.name + " ")) }
    }
}

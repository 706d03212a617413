import Testing

@testable import Martlet

@Suite("Open files")
struct OpenFilesTests {
    @Test(arguments: [(1_048_576, 1_048_448), (1024, 896), (256, 128), (128, 64), (2, 1), (0, 1)])
    func clientsLeaveSomethingForTheRest(_ limit: Int, _ connections: Int) {
        #expect(OpenFiles.connections(under: limit) == connections)
    }

    @Test func theLimitGoesUpAndNeverDown() {
        let before = OpenFiles.limit
        OpenFiles.raiseLimit()
        #expect(OpenFiles.limit >= before)
    }
}

import Reactor
import Testing

@testable import Martlet

@Suite("Stopping whatever hangs", .timeLimit(.minutes(10)))
struct StopWatchTests {
    @Test func workThatDoesNotEndIsLeft() async throws {
        let group = try EventLoopGroup(count: 1)
        let (hanging, letGo) = AsyncStream<Void>.makeStream()
        let (ends, ended) = AsyncStream<Void>.makeStream()
        let isOver = await StopWatch.finish(within: .milliseconds(1), on: group.loops[0]) {
            for await _ in hanging {}
            ended.finish()
        }
        #expect(!isOver)
        letGo.finish()
        for await _ in ends {}
        await group.stop()
    }

    @Test func workThatEndsIsWaitedFor() async throws {
        let group = try EventLoopGroup(count: 1)
        let loop = group.loops[0]
        let isOver = await StopWatch.finish(within: .seconds(600), on: loop) { await loop.letOthersRun() }
        #expect(isOver)
        await group.stop()
    }
}

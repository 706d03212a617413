import Testing

@testable import Reactor

@Suite("Timers")
struct TimerHeapTests {
    private func times(_ count: Int) -> [UInt64] {
        var state: UInt64 = 42
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 54
        }
    }

    @Test func elementsComeOutInOrderAndOnlyWhenDue() {
        var heap = TimerHeap()
        let all = times(1000)
        for (slot, time) in all.enumerated() {
            heap.push(.init(time: time, token: LoopToken(slot: slot, generation: 0)))
        }
        var popped: [UInt64] = []
        while let element = heap.pop(by: 500) {
            #expect(all[element.token.slot] == element.time)
            popped.append(element.time)
        }
        #expect(popped == all.filter { $0 <= 500 }.sorted())
        #expect(heap.first > 500)
        #expect(heap.count == all.count - popped.count)
    }

    @Test func sweepingKeepsTheOrder() {
        var heap = TimerHeap()
        let all = times(500)
        for (slot, time) in all.enumerated() {
            heap.push(.init(time: time, token: LoopToken(slot: slot, generation: 0)))
        }
        heap.sweep { $0.time % 3 == 0 }
        var popped: [UInt64] = []
        while let element = heap.pop(by: .max) { popped.append(element.time) }
        #expect(popped == all.filter { $0 % 3 == 0 }.sorted())
        heap.sweep { _ in true }
        #expect(heap.count == 0)
    }

    @Test func aTokenOfThePastNamesNothing() {
        var table = LoopEntryTable()
        let (first, second) = (LoopEntry(), LoopEntry())
        table.insert(first)
        let token = first.token
        #expect(table[token] === first)
        table.remove(token)
        table.remove(token)
        table.insert(second)
        #expect(second.token.slot == token.slot)
        #expect(table[token] == nil)
        #expect(table[second.token] === second)
        #expect(table.count == 1)
    }

    @Test func deadlinesSaturate() {
        #expect(Deadline.never.advanced(byNanoseconds: 1) == .never)
        #expect(Deadline.nanoseconds(of: .seconds(-1)) == 0)
        #expect(Deadline.nanoseconds(of: .milliseconds(1500)) == 1_500_000_000)
        #expect(Deadline.nanoseconds(of: .seconds(Int64.max)) == .max)
    }
}

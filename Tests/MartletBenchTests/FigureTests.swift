import Testing

@testable import MartletBench

@Suite("Figures")
struct FigureTests {
    @Test("The median counts, and the spread is half of what lies between the extremes")
    func medianAndSpread() {
        let odd = Figure([3, 1, 2], .ratio)
        #expect(odd.median == 2)
        #expect(odd.spread == 0.5)
        #expect(Figure([4, 1, 2, 3], .ratio).median == 2.5)
        #expect(Figure([], .ratio).median == 0)
    }

    @Test("Numbers are written for people")
    func formats() {
        #expect(Format.value(1_234_567.4, .perSecond) == "1,234,567/s")
        #expect(Format.value(8.456, .perSecond) == "8.46/s")
        #expect(Format.value(0.5, .ratio) == "0.50")
        #expect(Format.value(0.0123, .seconds) == "12.3 ms")
        #expect(Format.value(-3072, .bytes) == "-3072 B")
        #expect(Format.value(16 * 1_048_576, .bytes) == "16.00 MiB")
        #expect(Format.percent(0.051) == "5.1 %")
    }

    @Test(
        "A share of the durations lies at or below the one that is told", arguments: [1, 31, 32, 33, 1000, 123_456_789])
    func latencies(_ nanoseconds: UInt64) {
        var latencies = Latencies()
        for _ in 0..<99 { latencies.add(nanoseconds) }
        latencies.add(nanoseconds * 100)
        let told = latencies.milliseconds(at: 0.99) * 1e6
        #expect(told >= Double(nanoseconds))
        #expect(told <= Double(nanoseconds) * 1.04 + 1)
        #expect(latencies.milliseconds(at: 1) == Double(nanoseconds * 100) / 1e6)
    }

    @Test("A target is met, nearly met or missed, in its own direction")
    func standings() throws {
        let atLeast = try #require(Budget.of(row: "client-credentials", metric: .ratio))
        #expect(atLeast.standing(of: 0.5) == .met)
        #expect(atLeast.standing(of: 0.48) == .nearlyMet)
        #expect(atLeast.standing(of: 0.47) == .missed)
        let atMost = try #require(Budget.of(row: "start", metric: .server))
        #expect(atMost.standing(of: 0.05) == .met)
        #expect(atMost.standing(of: 0.052) == .nearlyMet)
        #expect(atMost.standing(of: 0.06) == .missed)
    }

    @Test("A limit of allocations notices one more where there are few, and says when it is too high")
    func allocationLimits() throws {
        for pieces in [3.0, 18] {
            let limit = Budget.limit(for: pieces)
            #expect(limit >= pieces + 0.5 && limit < pieces + 1)
        }
        #expect(Budget.limit(for: 200) == 204)
        let budgets = Budget.all.filter { $0.row == "allocations" }
        #expect(budgets.count == 6)
        for budget in budgets {
            #expect(budget.standing(of: budget.target + 0.1) == .missed)
            #expect(budget.standing(of: budget.target) == .met)
            #expect(budget.slack(of: budget.target - 0.9) == nil)
            let lower = try #require(budget.slack(of: budget.target / 2))
            #expect(lower < budget.target && budget.target / 2 < lower)
        }
        let rate = try #require(Budget.of(row: "plain", metric: .server))
        #expect(rate.slack(of: 1) == nil)
    }

    @Test("Every target belongs to a row that exists")
    func targetsHaveRows() {
        for budget in Budget.all { #expect(Row.all.contains { $0.name == budget.row }, "\(budget.row)") }
    }
}

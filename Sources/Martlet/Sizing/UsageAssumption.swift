/// What one user does, on which the number of users rests.
struct UsageAssumption: Sendable, Equatable {
    /// How often on a day each thing is done.
    let perDay: [SizingOperation: Double]
    /// The part of a day's work that falls in its busiest hour.
    let busiestHour: Double
    /// How busy a node may be in that hour; the rest is for what nobody foresees, and for the failure of another node.
    let utilization: Double

    /// A working day: one password, four more applications by the session that is there, a refresh each quarter of eight
    /// hours, and a fifth of it all in the hour in which the day begins.
    static let workingDay = UsageAssumption(
        perDay: [.signIn: 1, .codeFlow: 4, .refresh: 32], busiestHour: 0.2, utilization: 0.5)

    /// How many users a node is enough for that needs so many seconds for each thing.
    func users(_ secondsEach: (SizingOperation) -> Double) -> Double {
        let daily = perDay.reduce(0) { $0 + $1.value * secondsEach($1.key) }
        let peak = daily * busiestHour / 3600
        return peak > 0 ? utilization / peak : 0
    }
}

import Mustache

/// A moment as pages and mails show it: in UTC, since a page without script does not know where it is read.
///
/// Its words are in the messages `moment`; the partial `moment` shows it for people and programs.
public struct ShownMoment: Equatable, Sendable {
    /// The keys of the months.
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    private let year: Int64
    private let month: Int
    private let day: Int64
    /// Hours and minutes.
    private let time: String
    /// For programs: RFC 3339.
    public let machine: String

    /// A moment by seconds since the epoch; what lies outside the years 1970 to 9999 is taken to the nearest bound.
    public init(seconds: Int64) {
        let seconds = min(max(0, seconds), 253_402_300_799)
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = ShownMoment.date(daysSince1970: days)
        let (hour, minute) = (second / 3600, second / 60 % 60)
        let time = "\(ShownMoment.two(hour)):\(ShownMoment.two(minute))"
        (self.year, self.month, self.day, self.time) = (year, Int(month), day, time)
        machine = "\(year)-\(ShownMoment.two(month))-\(ShownMoment.two(day))T\(time):\(ShownMoment.two(second % 60))Z"
    }

    var value: MustacheValue {
        var members: [String: MustacheValue] = [
            "year": .integer(Int(year)), "day": .integer(Int(day)), "time": .string(time), "machine": .string(machine),
        ]
        for (index, name) in ShownMoment.months.enumerated() { members[name] = .bool(index + 1 == month) }
        return .object(members)
    }

    private static func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }

    /// Counts from 0000-03-01, so that the leap day is the last of its year.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}

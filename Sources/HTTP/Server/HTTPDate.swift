internal import Glibc

/// The `Date` of answers, made once a second: RFC 9110 §5.6.7, §6.6.1.
struct HTTPDate {
    private var second = Int.min
    private(set) var text: [UInt8] = []

    /// Looks at the clock; nearly free while the second lasts.
    mutating func refresh() {
        let present = time(nil)
        guard present != second else { return }
        second = present
        text = Self.format(present)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, from seconds since 1970.
    static func format(_ seconds: Int) -> [UInt8] {
        let days = Int((Double(seconds) / 86400).rounded(.down))
        let rest = seconds - days * 86400
        // Days to a date of the proleptic Gregorian calendar, in years that begin in March.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let weekday = ((days + 4) % 7 + 7) % 7

        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = [rest / 3600, rest / 60 % 60, rest % 60].map(twoDigits).joined(separator: ":")
        return Array("\(weekdays[weekday]), \(twoDigits(day)) \(months[month - 1]) \(year) \(clock) GMT".utf8)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

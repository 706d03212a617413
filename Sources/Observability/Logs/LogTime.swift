import Glibc

/// The wall clock as it stands in a log line: RFC 3339 with microseconds, in UTC.
struct LogTime {
    /// Microseconds since 1970-01-01T00:00:00Z.
    let microseconds: Int64

    /// Now.
    static var now: LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(microseconds: Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000)
    }

    /// The length of the text for the years up to 9999.
    static let textCount = 27
}

extension OutputSpan where Element == UInt8 {
    /// Appends `2026-01-31T23:59:59.123456Z`.
    ///
    /// Worked out anew each time: some twenty nanoseconds, which no cache that threads share would beat.
    mutating func append(_ time: LogTime) {
        // A clock set before 1970 or after 9999 is broken: the line matters more than its time.
        let micros = UInt64(min(max(time.microseconds, 0), 253_402_300_799_999_999))
        let seconds = micros / 1_000_000
        let (year, month, day) = date(daysSince1970: seconds / 86_400)
        append(decimal: year, minimumDigits: 4)
        append(UInt8(ascii: "-"))
        append(twoDigits: month)
        append(UInt8(ascii: "-"))
        append(twoDigits: day)
        append(UInt8(ascii: "T"))
        append(twoDigits: seconds / 3600 % 24)
        append(UInt8(ascii: ":"))
        append(twoDigits: seconds / 60 % 60)
        append(UInt8(ascii: ":"))
        append(twoDigits: seconds % 60)
        append(UInt8(ascii: "."))
        append(decimal: micros % 1_000_000, minimumDigits: 6)
        append(UInt8(ascii: "Z"))
    }

    private mutating func append(twoDigits value: UInt64) {
        append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10))
        append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10))
    }
}

/// The Gregorian date of a day.
///
/// Counts from 0000-03-01, so that the leap day is the last of its year and the months fall into a pattern of 153 days in
/// five.
private func date(daysSince1970 days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
}

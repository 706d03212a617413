/// A moment as whole microseconds since 1970-01-01T00:00:00Z, the form in which every store keeps time.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since the epoch.
    public let microseconds: Int64

    /// A moment from microseconds since the epoch.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A moment from whole seconds since the epoch (JWT NumericDate, RFC 7519 §2); saturates at the bounds.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        microseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds since the epoch, rounded down: a JWT NumericDate.
    public var seconds: Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Earlier before later.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment that lies a duration later; saturates at the bounds.
    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = moment.microseconds.addingReportingOverflow(duration.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// The moment that lies a duration earlier; saturates at the bounds.
    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        let (difference, overflow) = moment.microseconds.subtractingReportingOverflow(duration.wholeMicroseconds)
        return Timestamp(microseconds: overflow ? (duration < .zero ? .max : .min) : difference)
    }

    /// The time from one moment to another.
    public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        let (difference, overflow) = later.microseconds.subtractingReportingOverflow(earlier.microseconds)
        return .microseconds(overflow ? (later < earlier ? .min : .max) : difference)
    }
}

extension Timestamp {
    /// The moment as RFC 3339 writes it, in whole seconds: `2026-01-31T23:59:59Z`.
    public var internetDate: String {
        let day = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let second = seconds - day * 86400
        // Days since 0000-03-01 in the proleptic Gregorian calendar, cut into eras of 400 years.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        let date = [year, calendarMonth, dayOfYear - (153 * month + 2) / 5 + 1].map(Timestamp.twoDigits)
        let time = [second / 3600, second / 60 % 60, second % 60].map(Timestamp.twoDigits)
        return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "Z"
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Duration {
    /// Whole seconds, rounded toward zero: `expires_in` and its kin.
    public var wholeSeconds: Int64 { components.seconds }

    /// Whole microseconds, rounded toward zero; saturates at the bounds.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }
}

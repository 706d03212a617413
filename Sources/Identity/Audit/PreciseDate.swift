public import OAuthTypes

extension Timestamp {
    /// The moment as RFC 3339 writes it, with microseconds: `2026-01-31T23:59:59.000001Z`.
    public var preciseDate: String {
        let fraction = String(microseconds - seconds * 1_000_000)
        return internetDate.dropLast() + "." + String(repeating: "0", count: max(0, 6 - fraction.count)) + fraction
            + "Z"
    }

    /// Reads what RFC 3339 writes in UTC; seconds, or the time of day, may be left out.
    ///
    /// Such as `2026-01-31` and `2026-01-31T23:59Z`; a space may stand for the `T`. Nil for anything else.
    public init?(date text: String) {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ count: Int) -> Int64? {
            guard start + count <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[start..<start + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), bytes[4] == 0x2D,
            bytes[7] == 0x2D, (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var rest = bytes[10...]
        var (hour, minute, second, fraction) = (Int64(0), Int64(0), Int64(0), Int64(0))
        if !rest.isEmpty {
            guard rest.first == 0x54 || rest.first == 0x20, bytes.count > 13, bytes[13] == 0x3A,
                let hours = number(11, 2),
                let minutes = number(14, 2), hours < 24, minutes < 60
            else { return nil }
            (hour, minute) = (hours, minutes)
            rest = bytes[16...]
            if rest.first == 0x3A {
                guard let seconds = number(17, 2), seconds < 60 else { return nil }
                second = seconds
                rest = bytes[19...]
                if rest.first == 0x2E {
                    let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
                    guard (1...6).contains(digits.count), let value = number(20, digits.count) else { return nil }
                    fraction = (digits.count..<6).reduce(value) { value, _ in value * 10 }
                    rest = rest.dropFirst(1 + digits.count)
                }
            }
            guard rest.elementsEqual([0x5A]) || (rest.isEmpty && fraction == 0) else { return nil }
        }
        // Days since 1970 in the proleptic Gregorian calendar; the year begins in March.
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        self.init(microseconds: (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + fraction)
        // No thirtieth of February.
        guard internetDate.utf8.prefix(10).elementsEqual(bytes.prefix(10)) else { return nil }
    }
}

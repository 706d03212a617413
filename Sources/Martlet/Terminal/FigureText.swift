/// Numbers for people.
enum FigureText {
    /// Digits in threes: `12,000`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        let text = digits.enumerated().map { index, digit in
            (index > 0 && (digits.count - index) % 3 == 0 ? "," : "") + String(digit)
        }
        return (number < 0 ? "-" : "") + text.joined()
    }

    /// So many a second, with as many digits as a measurement deserves: `4.2/s`, `118/s`, `12,300/s`.
    static func rate(_ perSecond: Double) -> String {
        guard perSecond >= 100 else { return "\((perSecond * 10).rounded() / 10)/s" }
        return grouped(threeDigits(perSecond)) + "/s"
    }

    /// Without digits that say nothing: `4`, `0.5`.
    static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

    /// A part of one: `20 %`.
    static func percent(_ part: Double) -> String { plain((part * 1000).rounded() / 10) + " %" }

    /// Rounded down to two digits, for what must not promise too much: 12,000 of 12,900.
    static func lower(_ number: Double) -> Int { digits(2, number, .down) }

    private static func threeDigits(_ number: Double) -> Int { digits(3, number, .toNearestOrAwayFromZero) }

    private static func digits(_ count: Int, _ number: Double, _ rule: FloatingPointRoundingRule) -> Int {
        guard number.isFinite, number >= 0, number < 1e15 else { return 0 }
        var unit = 1.0
        while number / unit >= (count == 2 ? 100 : 1000) { unit *= 10 }
        return Int((number / unit).rounded(rule) * unit)
    }
}

import Testing

@testable import Martlet

@Suite("Numbers for people")
struct FigureTextTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (-1000, "-1,000"), (123_456, "123,456"), (1_234_567, "1,234,567"),
    ])
    func areGrouped(_ number: Int, _ text: String) {
        #expect(FigureText.grouped(number) == text)
    }

    @Test(
        arguments: [
            (0.04, "0.0/s"), (2.26, "2.3/s"), (99.9, "99.9/s"), (100, "100/s"), (1234.5, "1,230/s"), (9996, "10,000/s"),
            (.infinity, "0/s"),
        ] as [(Double, String)])
    func ofRatesHaveThreeDigits(_ rate: Double, _ text: String) {
        #expect(FigureText.rate(rate) == text)
    }

    @Test(arguments: [(0, 0), (99.9, 99), (129, 120), (35_683, 35_000), (.nan, 0), (1e300, 0)] as [(Double, Int)])
    func thatMustNotPromiseTooMuchAreRoundedDown(_ number: Double, _ rounded: Int) {
        #expect(FigureText.lower(number) == rounded)
    }

    @Test func havePartsInPercent() {
        #expect(FigureText.percent(0.2) == "20 %")
        #expect(FigureText.percent(0.125) == "12.5 %")
        #expect(FigureText.plain(4) == "4" && FigureText.plain(0.5) == "0.5")
    }
}

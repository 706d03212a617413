import Foundation
import Testing

@testable import Pages

@Suite("Pages: contrast of the palette")
struct ContrastTests {
    enum Scheme: CaseIterable {
        case light, dark
    }

    /// Text on its ground: WCAG 2.2 §1.4.3.
    static let texts = [
        ("ink", "ground"), ("muted", "ground"), ("link", "ground"), ("ink", "well"), ("muted", "well"),
        ("action-ink", "action"), ("action-ink", "action-over"), ("ink", "choice-over"), ("link", "choice-over"),
        ("bad", "bad-ground"), ("ink", "bad-ground"), ("care", "care-ground"), ("ink", "care-ground"),
    ]
    /// Edges of controls, the focus ring and the mark: §1.4.11, §2.4.11.
    static let shapes = [
        ("edge", "ground"), ("focus", "ground"), ("bad", "ground"), ("action", "ground"), ("or", "azure"),
    ]

    @Test(arguments: Scheme.allCases)
    func isEnoughByDayAndNight(_ scheme: Scheme) throws {
        let palette = try palette(scheme)
        for (pairs, least) in [(Self.texts, 4.5), (Self.shapes, 3.0)] {
            for (front, back) in pairs {
                let ratio = contrast(try #require(palette[front]), try #require(palette[back]))
                #expect(ratio >= least, "\(front) on \(back): \(ratio)")
            }
        }
    }

    /// The custom properties that are colours; the second `:root` overrides some by night.
    private func palette(_ scheme: Scheme) throws -> [String: Int] {
        let bytes = try #require(try ShownPage.set().assets["style.css"]).bytes
        let roots = String(decoding: bytes, as: UTF8.self).components(separatedBy: ":root {").dropFirst()
        #expect(roots.count == 2)
        var palette: [String: Int] = [:]
        for root in scheme == .light ? roots.prefix(1) : roots.prefix(2) {
            for match in root.prefix(while: { $0 != "}" }).matches(of: /--([a-z-]+): #([0-9a-f]{6});/) {
                palette[String(match.1)] = Int(match.2, radix: 16)
            }
        }
        return palette
    }

    private func contrast(_ one: Int, _ other: Int) -> Double {
        let (dark, light) = (min(luminance(one), luminance(other)), max(luminance(one), luminance(other)))
        return (light + 0.05) / (dark + 0.05)
    }

    private func luminance(_ colour: Int) -> Double {
        let parts = [16, 8, 0].map { shift -> Double in
            let part = Double((colour >> shift) & 0xFF) / 255
            return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}

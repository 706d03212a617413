import AuthorizationServer
import JOSE
import Testing

@Suite("Pictures of clients")
struct RasterPictureTests {
    /// The smallest pictures of each format: three by two pixels.
    static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [0, 0, 0, 13] + Array("IHDR".utf8)
        + [0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0] + [1, 2, 3, 4] + [0, 0, 0, 1] + Array("IDAT".utf8) + [9] + [
            1, 2, 3, 4,
        ]
        + [0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]
    static let jpeg: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2] + [0xFF, 0xC2, 0, 9, 8, 0, 2, 0, 3, 1, 0] + [0xFF, 0xC4, 0, 3, 0]
        + [0xFF, 0xDA, 0, 3, 0] + [1, 2, 3] + [0xFF, 0xD9]
    static let gif: [UInt8] =
        Array("GIF89a".utf8) + [3, 0, 2, 0, 0x80, 0, 0] + [0, 0, 0, 1, 1, 1] + [0x21, 0xF9, 4, 0, 0, 0, 0, 0]
        + [0x2C, 0, 0, 0, 0, 3, 0, 2, 0, 0x80] + [0, 0, 0, 1, 1, 1] + [2, 1, 9, 0, 0x3B]
    static let webp: [UInt8] =
        Array("RIFF".utf8) + [22, 0, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0]
    static let webpLossless: [UInt8] =
        Array("RIFF".utf8) + [18, 0, 0, 0] + Array("WEBPVP8L".utf8) + [5, 0, 0, 0, 0x2F, 0x02, 0x40, 0, 0, 0]
    static let webpLossy: [UInt8] =
        Array("RIFF".utf8) + [22, 0, 0, 0] + Array("WEBPVP8 ".utf8) + [
            10, 0, 0, 0, 0, 0, 0, 0x9D, 0x01, 0x2A, 3, 0, 2, 0,
        ]

    static let all: [(String, [UInt8])] = [
        ("image/png", png), ("image/jpeg", jpeg), ("image/gif", gif), ("image/webp", webp),
        ("image/webp", webpLossless), ("image/webp", webpLossy),
    ]

    @Test(arguments: all)
    func eachFormatIsKnownByItsContent(_ type: String, _ bytes: [UInt8]) throws {
        let picture = try #require(RasterPicture(bytes), "\(type)")
        #expect(picture.type == type && picture.width == 3 && picture.height == 2 && picture.bytes == bytes)
    }

    @Test(arguments: all)
    func nothingStandsBehindIt(_ type: String, _ bytes: [UInt8]) {
        #expect(RasterPicture(bytes + Array("<script>alert(1)</script>".utf8)) == nil)
        for count in 0..<bytes.count where type != "image/jpeg" || count < bytes.count - 1 {
            #expect(RasterPicture(Array(bytes.prefix(count))) == nil, "\(count)")
        }
        #expect(RasterPicture(bytes) != nil)
    }

    @Test(arguments: [
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<?xml version=\"1.0\"?><svg/>", "<html>", "", "GIF89a",
        "%PDF-1.4",
        "BM", "\u{89}PNG",
    ])
    func nothingElseIsAPicture(_ text: String) {
        #expect(RasterPicture(Array(text.utf8)) == nil)
        #expect(RasterPicture(RasterPictureTests.png) != nil)
    }

    @Test func aPictureHasSidesOfSomeUse() {
        for (width, isGood) in [(UInt32(0), false), (1, true), (2048, true), (2049, false), (.max, false)] {
            var bytes = RasterPictureTests.png
            for index in 0..<4 { bytes[16 + index] = UInt8(width >> (24 - 8 * UInt32(index)) & 0xFF) }
            #expect((RasterPicture(bytes) != nil) == isGood, "\(width)")
        }
    }

    @Test func aFrameStaysOnItsScreen() {
        // Left, top, width and height of the first frame, on a screen of three by two.
        let frames: [([UInt8], Bool)] = [
            ([0, 0, 0, 0, 3, 0, 2, 0], true), ([1, 0, 1, 0, 2, 0, 1, 0], true), ([0, 0, 0, 0, 4, 0, 2, 0], false),
            ([0, 0, 0, 0, 3, 0, 3, 0], false), ([1, 0, 0, 0, 3, 0, 2, 0], false), ([0, 0, 1, 0, 3, 0, 2, 0], false),
            ([0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], false), ([0xFF, 0xFF, 0, 0, 1, 0, 1, 0], false),
        ]
        for (frame, isGood) in frames {
            var bytes = Self.gif
            bytes.replaceSubrange(28..<36, with: frame)
            #expect((RasterPicture(bytes) != nil) == isGood, "\(frame)")
        }
    }

    @Test func nothingStandsInAPictureBehindItsEnd() {
        let (head, tail) = (Array(Self.jpeg.dropLast(5)), [1, 2, 3, 0xFF, 0xD9] as [UInt8])
        let script = Array("<script>alert(1)</script>".utf8)
        #expect(RasterPicture(head + tail) != nil)
        // A second picture, or anything, that ends in the end mark, too.
        #expect(RasterPicture(head + tail + script + [0xFF, 0xD9]) == nil)
        #expect(RasterPicture(head + tail + Self.jpeg) == nil)
        // Stuffed bytes, restarts, further tables and scans are what pictures have; the end mark must come.
        #expect(RasterPicture(head + [1, 0xFF, 0, 2, 0xFF, 0xD3, 9] + tail) != nil)
        #expect(RasterPicture(head + [1, 0xFF, 0xFF, 0xC4, 0, 3, 0, 0xFF, 0xDA, 0, 3, 0] + tail) != nil)
        #expect(RasterPicture(head + [1, 2, 0xFF, 0xD8] + tail) == nil)
        #expect(RasterPicture(head + [1, 2, 3]) == nil)
        #expect(RasterPicture(Array(head.dropLast(5)) + [0xFF, 0xD9]) == nil, "no scan")
    }

    /// Whatever is changed, nothing worse happens than a refusal.
    @Test func mutationsDoNoHarm() {
        for (_, bytes) in RasterPictureTests.all {
            for place in bytes.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFE, 0xFF] {
                    var changed = bytes
                    changed[place] = value
                    _ = RasterPicture(changed)
                }
            }
        }
        #expect(RasterPicture(RasterPictureTests.jpeg) != nil)
    }
}

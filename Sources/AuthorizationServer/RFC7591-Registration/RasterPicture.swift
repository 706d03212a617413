/// A picture in a raster format, looked at from end to end: PNG, JPEG, GIF or WebP, and nothing behind it.
///
/// Nothing is decoded: that is for browsers, which take it as what it is said to be and nothing else. SVG is a document that
/// can hold a script, and is none of these.
public struct RasterPicture: Sendable, Equatable {
    /// The media type.
    public let type: String
    /// The picture as it came.
    public let bytes: [UInt8]
    /// In pixels.
    public let width: Int
    /// In pixels.
    public let height: Int

    /// The longest side, in pixels: a few bytes can unpack to gigabytes.
    static let longestSide = 2048

    /// Nil for what is none of these from its first byte to its last, or too large.
    public init?(_ bytes: [UInt8]) {
        guard
            let (type, width, height) = PNGShape.read(bytes) ?? JPEGShape.read(bytes) ?? GIFShape.read(bytes)
                ?? WebPShape.read(bytes)
        else { return nil }
        let sides = 1...RasterPicture.longestSide
        guard sides.contains(width), sides.contains(height) else { return nil }
        self.type = type
        self.bytes = bytes
        self.width = width
        self.height = height
    }
}

private typealias Shape = (type: String, width: Int, height: Int)

extension [UInt8] {
    /// Numbers of several bytes; nil behind the end.
    fileprivate func big(_ place: Int, _ count: Int) -> Int? {
        guard place >= 0, place <= self.count - count else { return nil }
        return self[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
    }

    fileprivate func little(_ place: Int, _ count: Int) -> Int? {
        guard place >= 0, place <= self.count - count else { return nil }
        return self[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    fileprivate func has(_ text: String, at place: Int) -> Bool {
        let wanted = Array(text.utf8)
        return place >= 0 && place <= count - wanted.count && self[place..<place + wanted.count].elementsEqual(wanted)
    }
}

/// Chunks of length, name, content and checksum, from IHDR to IEND.
private enum PNGShape {
    static func read(_ bytes: [UInt8]) -> Shape? {
        guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]), bytes.big(8, 4) == 13,
            bytes.has("IHDR", at: 12), let width = bytes.big(16, 4), let height = bytes.big(20, 4)
        else { return nil }
        var place = 8
        while let length = bytes.big(place, 4), length <= bytes.count {
            if bytes.has("IEND", at: place + 4) {
                return length == 0 && place + 12 == bytes.count ? ("image/png", width, height) : nil
            }
            place += length + 12
        }
        return nil
    }
}

/// Segments, one of which has the sides, and scans between them, up to the first end mark: nothing is behind it.
private enum JPEGShape {
    static func read(_ bytes: [UInt8]) -> Shape? {
        guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else { return nil }
        var place = 2
        var shape: Shape?
        var hasScan = false
        while bytes.big(place, 1) == 0xFF, let mark = bytes.big(place + 1, 1) {
            switch mark {
            case 0xFF:
                place += 1
                continue
            case 0xD9: return hasScan && place + 2 == bytes.count ? shape : nil
            // These have no length, and no place between segments.
            case 0x00, 0x01, 0xD0...0xD8: return nil
            // Frames; the others of this row are tables.
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(mark):
                guard shape == nil, let height = bytes.big(place + 5, 2), let width = bytes.big(place + 7, 2) else {
                    return nil
                }
                shape = ("image/jpeg", width, height)
            default: break
            }
            guard let length = bytes.big(place + 2, 2), length >= 2 else { return nil }
            place += 2 + length
            guard mark == 0xDA else { continue }
            hasScan = true
            place = endOfScan(in: bytes, from: place)
        }
        return nil
    }

    /// The first mark that is no part of what was scanned: neither a byte of its own that was stuffed nor a restart.
    private static func endOfScan(in bytes: [UInt8], from start: Int) -> Int {
        var place = start
        while place + 1 < bytes.count {
            guard bytes[place] == 0xFF else {
                place += 1
                continue
            }
            switch bytes[place + 1] {
            case 0x00, 0xD0...0xD7: place += 2
            default: return place
            }
        }
        return place
    }
}

/// A screen, then blocks of pieces, then the end mark.
private enum GIFShape {
    static func read(_ bytes: [UInt8]) -> Shape? {
        guard bytes.has("GIF87a", at: 0) || bytes.has("GIF89a", at: 0), let width = bytes.little(6, 2),
            let height = bytes.little(8, 2), let flags = bytes.big(10, 1)
        else { return nil }
        var place = 13 + table(flags)
        while let mark = bytes.big(place, 1) {
            switch mark {
            case 0x3B: return place + 1 == bytes.count ? ("image/gif", width, height) : nil
            case 0x21: place += 2
            case 0x2C:
                // A frame beyond the screen makes some browsers enlarge it, to gigabytes if it says so.
                guard let left = bytes.little(place + 1, 2), let top = bytes.little(place + 3, 2),
                    let across = bytes.little(place + 5, 2), let down = bytes.little(place + 7, 2),
                    left + across <= width, top + down <= height, let flags = bytes.big(place + 9, 1)
                else { return nil }
                place += 11 + table(flags)
            default: return nil
            }
            while let count = bytes.big(place, 1), count > 0 { place += count + 1 }
            place += 1
        }
        return nil
    }

    /// Bytes of a colour table that the flags announce.
    private static func table(_ flags: Int) -> Int { flags & 0x80 == 0 ? 0 : 3 << ((flags & 7) + 1) }
}

/// One RIFF chunk as long as the file, with the sides in the first piece.
private enum WebPShape {
    static func read(_ bytes: [UInt8]) -> Shape? {
        guard bytes.has("RIFF", at: 0), bytes.has("WEBP", at: 8), bytes.little(4, 4) == bytes.count - 8 else {
            return nil
        }
        let sides: (Int, Int)?
        if bytes.has("VP8X", at: 12), let width = bytes.little(24, 3), let height = bytes.little(27, 3) {
            sides = (width + 1, height + 1)
        } else if bytes.has("VP8L", at: 12), bytes.big(20, 1) == 0x2F, let packed = bytes.little(21, 4) {
            sides = ((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
        } else if bytes.has("VP8 ", at: 12), bytes.big(23, 3) == 0x9D012A, let width = bytes.little(26, 2),
            let height = bytes.little(28, 2)
        {
            sides = (width & 0x3FFF, height & 0x3FFF)
        } else {
            sides = nil
        }
        return sides.map { ("image/webp", $0.0, $0.1) }
    }
}

internal import Glibc

/// The search for the next line of a message.
///
/// RFC 9112 §2.2.
///
/// Only CR LF ends a line: software that disagrees on bare LF or bare CR is what request smuggling lives on.
///
/// The answer does not depend on how the bytes were cut into packets: each rule that can fire on an unfinished line
/// fires on the same line when finished, before any other.
enum LineSearch {
    /// The line without its CR LF. What follows starts two bytes after its end.
    case line(Range<Int>)
    case incomplete
    case tooLong
    case bareLineFeed

    /// Looks for the line that starts at `start`.
    ///
    /// - Parameters:
    ///   - scan: where the search left off last time; updated.
    ///   - limit: bytes that the line may have without its end.
    static func next(in input: borrowing Span<UInt8>, from start: Int, scan: inout Int, limit: Int) -> LineSearch {
        let from = max(scan, start)
        let lineFeed = firstLineFeed(in: input, from: from)
        guard let lineFeed else {
            scan = input.count
            return input.count - start > limit + 1 ? .tooLong : .incomplete
        }
        if lineFeed - start > limit + 1 { return .tooLong }
        guard lineFeed > start, input[lineFeed - 1] == 13 else { return .bareLineFeed }
        scan = lineFeed + 1
        return .line(start..<lineFeed - 1)
    }

    private static func firstLineFeed(in input: borrowing Span<UInt8>, from start: Int) -> Int? {
        input.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, start < buffer.count,
                let found = memchr(base + start, 10, buffer.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}

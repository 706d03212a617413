import Glibc

/// One HTTP answer in a receive buffer: valid until the buffer is used again.
struct Answer {
    let status: Int
    /// Status line and fields, with the empty line.
    let head: UnsafeRawBufferPointer
    let body: UnsafeRawBufferPointer

    /// How many bytes it takes.
    var count: Int { head.count + body.count }

    /// Reads the answer that the bytes begin with; nil as long as it is not complete.
    ///
    /// Throws for what no measurement can use: not HTTP/1.1, or content whose length is not stated.
    init?(_ bytes: UnsafeRawBufferPointer) throws {
        guard let end = bytes.firstIndex(of: "\r\n\r\n"), let start = bytes.baseAddress else { return nil }
        let headCount = end + 4
        guard headCount >= 19, memcmp(start, "HTTP/1.1 ", 9) == 0 else { throw BenchFailure("not HTTP/1.1") }
        status = (9..<12).reduce(0) { $0 * 10 + Int(bytes[$1]) - 48 }
        head = UnsafeRawBufferPointer(start: start, count: headCount)
        var length = 0
        if status != 304, status != 204 {
            guard let stated = Answer.contentLength(of: head) else {
                throw BenchFailure("an answer without Content-Length")
            }
            length = stated
        }
        guard bytes.count >= headCount + length else { return nil }
        body = UnsafeRawBufferPointer(start: start + headCount, count: length)
    }

    /// What to show of an answer that was not expected.
    var excerpt: String { Reply(copying: self).excerpt }

    /// Looks for the end of the name: the spelling of its first letter is the server's own.
    private static func contentLength(of head: UnsafeRawBufferPointer) -> Int? {
        var position = 0
        while let found = head.firstIndex(of: "ength: ", from: position) {
            position = found + 7
            guard found >= 9, let base = head.baseAddress,
                strncasecmp((base + found - 9).assumingMemoryBound(to: CChar.self), "content-l", 9) == 0
            else { continue }
            var value = 0
            while position < head.count, (48...57).contains(head[position]), value < 1 << 40 {
                value = value * 10 + Int(head[position]) - 48
                position += 1
            }
            return value
        }
        return nil
    }
}

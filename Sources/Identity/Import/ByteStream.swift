/// The bytes of a file of any length, one after the other, with the number of the line.
///
/// Holds one piece at a time: an export of a million people takes no more memory than one of ten.
final class ByteStream {
    private let fill: () throws -> [UInt8]
    private var piece: [UInt8] = []
    private var index = 0
    /// The line of the next byte, from 1.
    private(set) var line = 1
    private var before = 0
    /// How many bytes were taken.
    var offset: Int { before + index }

    /// `fill` answers the next piece of the file, an empty one at its end.
    init(_ fill: @escaping () throws -> [UInt8]) { self.fill = fill }

    /// The next byte, which stays; nil at the end.
    func peek() throws -> UInt8? {
        if index == piece.count {
            before += piece.count
            piece = try fill()
            index = 0
            guard !piece.isEmpty else { return nil }
        }
        return piece[index]
    }

    /// The next byte; nil at the end.
    func next() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        index += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        return byte
    }

    /// Steps over white space and answers the byte behind it, which stays.
    func peekBehindSpace() throws -> UInt8? {
        while let byte = try peek() {
            guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return byte }
            _ = try next()
        }
        return nil
    }

    /// Steps over the mark that some programs write before UTF-8.
    func skipByteOrderMark() throws {
        guard try peek() == 0xEF else { return }
        _ = try next()
        for mark: UInt8 in [0xBB, 0xBF] where try peek() == mark { _ = try next() }
    }
}

@available(*, unavailable)
extension ByteStream: Sendable {}

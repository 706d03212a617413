/// A request with a gap for a code or token; each connection has a copy to fill.
///
/// The memory is kept as long as the program runs.
struct RequestTemplate {
    private let copies: [UnsafeMutableRawBufferPointer]
    private let gap: Range<Int>

    /// `make` gets a stand-in of that length and answers the request with it.
    init(connections: Int, gap length: Int, _ make: (String) -> [UInt8]) throws {
        // A tilde is nowhere else in a request.
        let request = make(String(repeating: "~", count: length))
        guard let found = request.firstIndex(of: UInt8(ascii: "~")), length > 0 else {
            throw BenchFailure("a request has no place for a token")
        }
        gap = found..<found + length
        copies = (0..<connections).map { _ in
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: request.count, alignment: 16)
            memory.copyBytes(from: request)
            return memory
        }
    }

    /// The request with a text in the gap, which it must fill.
    func filled(with text: String, for connection: Int) -> UnsafeRawBufferPointer {
        let place = UnsafeMutableRawBufferPointer(rebasing: copies[connection][gap])
        place.copyBytes(from: text.utf8.prefix(gap.count))
        return UnsafeRawBufferPointer(copies[connection])
    }

    /// The request with an entry of the table in the gap.
    func filled(with index: Int, of table: TokenTable, for connection: Int) -> UnsafeRawBufferPointer {
        table.copy(index, to: UnsafeMutableRawBufferPointer(rebasing: copies[connection][gap]))
        return UnsafeRawBufferPointer(copies[connection])
    }
}

internal import CQREncode

/// A QR code (ISO/IEC 18004) as squares: true is dark.
public struct QRCode: Sendable, Equatable {
    /// The text is too long, or the library has no memory.
    public struct Failure: Error, Sendable {}

    /// Row by row, each as long as there are rows; without the quiet zone around it.
    public let rows: [[Bool]]

    /// The code of a text of up to 1000 bytes, with the middle level of error correction.
    public init(_ text: String) throws(Failure) {
        // The library reads up to a NUL, and has a limit far above ours.
        let bytes = Array(text.utf8)
        guard (1...1000).contains(bytes.count) else { throw Failure() }
        guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { throw Failure() }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        guard let data = code.pointee.data, width > 0 else { throw Failure() }
        rows = (0..<width).map { row in (0..<width).map { data[row * width + $0] & 1 == 1 } }
    }
}

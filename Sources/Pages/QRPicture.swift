import Mustache

/// A QR code as one path of an inline SVG picture: no image address, no data URL, nothing for the content policy to allow.
public struct QRPicture: Equatable, Sendable {
    /// The width in squares, with the quiet zone of four on each side (ISO/IEC 18004 §9.1).
    public let size: Int
    /// The dark squares, run by run.
    public let path: String

    /// A picture of rows of squares; true is dark.
    public init(rows: [[Bool]]) {
        let quiet = 4
        size = rows.count + 2 * quiet
        var path = ""
        for (row, squares) in rows.enumerated() {
            var column = 0
            while column < squares.count {
                guard squares[column] else {
                    column += 1
                    continue
                }
                let end = squares[column...].firstIndex(of: false) ?? squares.count
                path += "M\(column + quiet) \(row + quiet)h\(end - column)v1h-\(end - column)z"
                column = end
            }
        }
        self.path = path
    }

    var value: MustacheValue { ["size": .string(String(size)), "path": .string(path)] }
}

/// A file that the server sends as it is: style, script, icon.
///
/// Its address changes with its content, so a browser may keep it for ever. The server must send `immutable` only where
/// the version asked for equals ``hash``: during an upgrade a node of the old release may be asked for the new one's file.
public struct StaticAsset: Equatable, Sendable {
    /// The file name: ASCII letters, digits, `.`, `-` and `_`.
    public let name: String
    /// The media type, for `Content-Type`.
    public let contentType: String
    /// The content.
    public let bytes: [UInt8]
    /// 16 hexadecimal digits that differ when the content does.
    ///
    /// No protection against forgery: it comes from our own disk.
    public let hash: String

    /// Nil where the name has other characters than allowed, or an ending whose media type is unknown.
    public init?(name: String, bytes: [UInt8]) {
        guard name.utf8.allSatisfy(StaticAsset.isNameByte), let dot = name.lastIndex(of: "."),
            let contentType = StaticAsset.contentTypes[String(name[name.index(after: dot)...])]
        else { return nil }
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
        hash = StaticAsset.hash(of: bytes)
    }

    /// The address under the issuer's path: `/static/style.css?v=0123456789abcdef`.
    public var path: String { "/static/\(name)?v=\(hash)" }

    static let contentTypes = [
        "css": "text/css; charset=utf-8",
        "ico": "image/x-icon",
        "js": "text/javascript; charset=utf-8",
        "png": "image/png",
        "svg": "image/svg+xml",
        "webp": "image/webp",
        "woff2": "font/woff2",
    ]

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// FNV-1a with 64 bits.
    private static func hash(of bytes: [UInt8]) -> String {
        let digest = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

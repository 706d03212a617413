import COpenSSL
@_spi(_Unicode) import Swift

/// The name of a password in lists of breached ones: its SHA-1 (FIPS 180-4), by which such lists are exchanged.
///
/// It guards no secret: nothing that is stored about people comes from it.
public struct PasswordKey: Sendable, Equatable {
    /// All 20 bytes.
    let digest: [UInt8]

    /// The key of a password.
    public init(_ password: Password) { self.init(bytes: password.bytes) }

    init(bytes: [UInt8]) {
        var digest = [UInt8](repeating: 0, count: 20)
        _ = bytes.withUnsafeBytes { SHA1($0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count, &digest) }
        self.digest = digest
    }

    /// A key in hexadecimal, as lists have it; nil for anything but 40 digits.
    init?(hexadecimal text: ArraySlice<UInt8>) {
        guard text.count == 40 else { return nil }
        var digest: [UInt8] = []
        for index in stride(from: text.startIndex, to: text.endIndex, by: 2) {
            guard let high = PasswordKey.digit(text[index]), let low = PasswordKey.digit(text[index + 1]) else {
                return nil
            }
            digest.append(high << 4 | low)
        }
        self.digest = digest
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The first 64 bits.
    var leading: UInt64 { digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// In capital hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension Password {
    /// The code points, by which its length is counted.
    var scalars: String.UnicodeScalarView { String(decoding: bytes, as: UTF8.self).unicodeScalars }
}

internal import CCrypt
import Glibc
import JOSE

/// A hash of bcrypt, by libxcrypt.
///
/// What follows the first 72 bytes of a password never counted where it comes from, and so does not count here.
public struct BcryptHash: Sendable, Equatable {
    let encoded: String

    /// The dearest cost that is compared, as a power of two: about a second.
    static let costs: ClosedRange<UInt32> = 4...14

    /// Reads `$2b$10$` and 53 characters; `$2a$` and `$2y$` alike.
    ///
    /// `$2x$` marks hashes of a broken program, which several passwords match.
    public init(_ text: String) throws(ForeignHash.Refusal) {
        let bytes = Array(text.utf8)
        guard bytes.count == 60, text.hasPrefix("$2a$") || text.hasPrefix("$2b$") || text.hasPrefix("$2y$"),
            bytes[6] == UInt8(ascii: "$"), bytes[7...].allSatisfy(BcryptHash.isDigit)
        else { throw .malformed }
        let cost = try HashText.number(String(decoding: bytes[4..<6], as: UTF8.self))
        guard cost >= BcryptHash.costs.lowerBound else { throw .malformed }
        guard cost <= BcryptHash.costs.upperBound else { throw .tooCostly }
        encoded = text
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
        if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }

    func matches(_ password: [UInt8]) throws -> Bool {
        var memory: UnsafeMutableRawPointer?
        var size: Int32 = 0
        defer {
            if let memory {
                BcryptHash.wipe(UnsafeMutableRawBufferPointer(start: memory, count: Int(size)))
                free(memory)
            }
        }
        // The library reads up to a zero byte: what follows one in a password must not be ignored.
        let hasZero = password.contains(0)
        var phrase = password.map { CChar(bitPattern: $0) } + [0]
        defer { phrase.withUnsafeMutableBytes { BcryptHash.wipe($0) } }
        guard let computed = crypt_ra(phrase, encoded, &memory, &size) else {
            throw ForeignHash.Failure(description: "bcrypt: " + String(cString: strerror(errno)))
        }
        // Without the salt: its last character has bits that mean nothing, and some programs leave them as they were.
        let (tag, right) = (Array(String(cString: computed).utf8.suffix(31)), Array(encoded.utf8.suffix(31)))
        return constantTimeEquals(tag, right) && !hasZero
    }
}

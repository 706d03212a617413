import Identity
import JOSE

/// An export of password hashes beside one of users, looked up by user.
///
/// Keeps 24 bytes a user: the rows themselves stay in the file.
final class HashFile {
    private struct Place {
        /// The beginning of the digest of the user's identifier.
        let key: UInt64
        let offset: Int64
        let length: UInt32
        let line: UInt32
    }

    private let file: FilePieces
    private var places: [Place] = []
    private var isUsed: [Bool] = []

    init(_ path: String) throws {
        file = try FilePieces(path)
        let rows = ExportRows(.auth0) { [file] in try file.next() }
        while let row = try rows.next() {
            guard let user = ExportFormat.userID(ofHashes: row), case .json(let bytes) = row.content else { continue }
            places.append(
                Place(
                    key: HashFile.key(user), offset: Int64(row.offset), length: UInt32(clamping: bytes.count),
                    line: UInt32(clamping: row.line)))
        }
        places.sort { ($0.key, $0.offset) < ($1.key, $1.offset) }
        isUsed = [Bool](repeating: false, count: places.count)
    }

    private static func key(_ user: String) -> UInt64 {
        SHA256.digest(of: Array(user.utf8)).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The row of a user; nil where there is none, or it cannot be read any more.
    func row(of user: String) -> [UInt8]? {
        let key = HashFile.key(user)
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].key < key { low = middle + 1 } else { high = middle }
        }
        guard low < places.count, places[low].key == key else { return nil }
        isUsed[low] = true
        return try? file.bytes(at: places[low].offset, count: Int(places[low].length))
    }

    /// The lines of rows that no user was found for.
    var unused: [Int] { zip(places, isUsed).filter { !$1 }.map { Int($0.0.line) }.sorted() }
}

@available(*, unavailable)
extension HashFile: Sendable {}

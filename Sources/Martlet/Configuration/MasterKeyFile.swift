import JOSE

/// The file that holds the master key.
enum MasterKeyFile {
    /// Why a file cannot be used.
    enum Refusal: Error {
        case unreadable(SmallFile.Failure)
        case open(mode: String)
        case unfit(MasterKey.FileError)

        var complaint: String {
            switch self {
            case .unreadable(let failure): "\(failure)"
            case .open(let mode): "others than its owner may read it (mode \(mode))"
            case .unfit(let error): "\(error)"
            }
        }

        var remedy: String {
            switch self {
            case .unreadable: "Correct the path, or give the server's user the right to read it."
            case .open: "Take the rights away with: chmod 600, and consider whether somebody has copied it."
            case .unfit: "Make a new one only if there is no database yet: openssl rand -base64 32."
            }
        }
    }

    /// Where development mode keeps the key that it makes.
    static func generatedPath(beside database: DatabaseLocation) -> String { database.folder + "/master.key" }

    /// Reads a key that nobody but its owner can read, or nobody with the rights in `closedTo`.
    static func read(_ path: String, closedTo others: UInt32 = 0o077) throws(Refusal) -> MasterKey {
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: 4096)
        } catch {
            throw .unreadable(error)
        }
        guard contents.mode & others == 0 else { throw .open(mode: String(contents.mode & 0o777, radix: 8)) }
        do {
            return try MasterKey(fileContents: contents.bytes)
        } catch {
            throw .unfit(error)
        }
    }

    /// Makes a key, unless another start was faster, and reads what is there then.
    static func generate(at path: String) throws -> MasterKey {
        let text = Base64URL.encode(SystemRandom().bytes(MasterKey.count)) + "\n"
        _ = try SmallFile.create(path, Array(text.utf8))
        return try read(path)
    }
}

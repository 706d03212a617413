import Glibc
import Identity

/// The files that come along, as the tests of this checkout find them.
enum PasswordFiles {
    static let folder = #filePath.components(upTo: "/Tests/") + "/deploy/passwords"

    static let words: WordList = {
        do {
            return try WordList(path: folder + "/words.txt")
        } catch {
            fatalError("deploy/passwords/words.txt: \(error)")
        }
    }()

    static var judge: PasswordJudge { PasswordJudge(words: words, breached: nil, siteWords: ["id.sundial.example"]) }
}

extension String {
    func components(upTo mark: String) -> String {
        guard let range = firstRange(of: mark) else { return self }
        return String(self[..<range.lowerBound])
    }
}

/// A folder for one test, removed with everything in it at the end.
final class ScratchFolder {
    let path: String

    init() {
        var template = Array("/tmp/martlet-passwords-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func read(_ name: String) -> [UInt8] {
        guard let file = fopen("\(path)/\(name)", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    func write(_ bytes: [UInt8], to name: String) {
        guard let file = fopen("\(path)/\(name)", "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}

import Glibc

/// A folder that is there for a while, for its owner alone, with files and no folders in it.
struct ScratchFolder: Sendable {
    let path: String
    /// The folder that it is in.
    let parent: String

    /// Makes it in the nearest folder that there is at or above `place`.
    init(near place: String) throws(CommandFailure) {
        var parent = place
        while !SmallFile.isFolder(parent), parent != "/", parent != "." { parent = SmallFile.folder(of: parent) }
        var template = Array((parent + "/martlet-sizing-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                "no folder can be made in \(Console.visible(parent)): \(String(cString: strerror(errno)))")
        }
        self.parent = parent
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it with all that is in it; what is made there meanwhile goes too.
    func remove() {
        for _ in 0..<10 where rmdir(path) != 0 {
            guard let listing = opendir(path) else { return }
            while let entry = readdir(listing) {
                let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { unlink(path + "/" + name) }
            }
            closedir(listing)
        }
    }
}

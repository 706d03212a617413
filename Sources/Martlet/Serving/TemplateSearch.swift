import Glibc

/// Finds the page templates where nobody has said where they are.
enum TemplateSearch {
    /// A page that every folder of templates has: a folder called `templates` alone may belong to anything.
    private static let mark = "/sign-in.mustache"

    /// The first folder that holds page templates.
    static func find(executable: String) -> String? {
        candidates(executable: executable).first { access($0 + mark, R_OK) == 0 }
    }

    /// Where they may be: here, where a package puts them, and in the source folder that the program was built in.
    static func candidates(executable: String) -> [String] {
        let folder = SmallFile.folder(of: executable)
        var candidates = [
            "templates", SmallFile.folder(of: folder) + "/share/martlet/templates",
        ]
        let names = folder.split(separator: "/", omittingEmptySubsequences: false)
        if let build = names.firstIndex(where: { $0.hasPrefix(".build") }) {
            candidates.append(names[..<build].joined(separator: "/") + "/templates")
        }
        return candidates
    }

    /// The path of this program, links resolved.
    static var ownExecutable: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "" }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

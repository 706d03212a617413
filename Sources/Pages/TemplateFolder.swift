import Glibc

/// What a templates folder holds: `*.mustache` in it and its subfolders, `messages/LANGUAGE/AREA.json`, and the files of
/// `static/`.
///
/// Everything is read into memory once, at start.
struct TemplateFolder {
    static let suffix = ".mustache"
    static let assetsFolder = "static"
    /// Bytes of one file.
    static let fileLimit = 1 << 20
    /// Folders inside of each other: a link that leads back up must end somewhere.
    static let depthLimit = 8

    /// Source by template name: the path without the suffix, such as `partials/head`.
    var sources: [String: String] = [:]
    var assets: [StaticAsset] = []
    var messages: [MessageFile] = []
    private(set) var problems: [PageError.Problem] = []
    /// Where a template stands that came with an overlay, by its name.
    private(set) var overlaid: [String: String] = [:]
    /// The templates that an overlay took the place of.
    private(set) var replaced: [String] = []

    private let root: String
    /// What stands before the names of files in mistakes.
    private let prefix: String

    init(reading root: String) {
        (self.root, prefix) = (root, "")
        read("", depth: 0)
        if problems.isEmpty, sources.isEmpty {
            problems.append(.init(file: root, "the folder holds no *.mustache file; point at Martlet's templates"))
        }
    }

    private init(readingOverlay root: String) {
        (self.root, prefix) = (root, root + "/")
        read("", depth: 0)
    }

    /// Lays another folder over this one: each of its templates, static files and messages takes the place of the one of
    /// the same name, and what it does not have stays.
    mutating func lay(over root: String) {
        let overlay = TemplateFolder(readingOverlay: root)
        problems += overlay.problems
        for (name, source) in overlay.sources {
            if let old = sources.updateValue(source, forKey: name) { replaced.append(old) }
            overlaid[name] = overlay.prefix + name + TemplateFolder.suffix
        }
        assets += overlay.assets
        messages += overlay.messages
    }

    private mutating func read(_ folder: String, depth: Int) {
        guard depth < TemplateFolder.depthLimit else {
            return report(folder, "more than \(TemplateFolder.depthLimit) folders inside of each other; flatten them")
        }
        guard let names = names(in: folder) else { return }
        for name in names {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            switch kind(of: path) {
            case .folder?: read(path, depth: depth + 1)
            case .file?: readFile(path, named: name, isAsset: folder == TemplateFolder.assetsFolder)
            case nil: break
            }
        }
    }

    private mutating func readFile(_ path: String, named name: String, isAsset: Bool) {
        if isAsset {
            guard let bytes = bytes(of: path) else { return }
            guard let asset = StaticAsset(name: name, bytes: bytes) else {
                let known = StaticAsset.contentTypes.keys.sorted().joined(separator: ", ")
                return report(
                    path, "not a name for a static file: ASCII letters, digits, . - _ and an ending of \(known)")
            }
            assets.append(asset)
        } else if name.hasSuffix(TemplateFolder.suffix) {
            guard let bytes = bytes(of: path) else { return }
            guard let source = String(validating: bytes, as: UTF8.self) else {
                return report(path, "not UTF-8; save it as UTF-8")
            }
            sources[String(path.dropLast(TemplateFolder.suffix.count))] = source
        } else if path.hasPrefix(MessageFile.folder + "/"), name.hasSuffix(MessageFile.suffix) {
            readMessages(path)
        }
    }

    private mutating func readMessages(_ path: String) {
        let parts = path.split(separator: "/")
        let area = String(parts.last?.dropLast(MessageFile.suffix.count) ?? "")
        guard parts.count == 3, let language = Language(String(parts[1])), MessageFile.isName(area) else {
            return report(path, "messages stand in messages/LANGUAGE/AREA.json, such as messages/de/sign-in.json")
        }
        guard let bytes = bytes(of: path) else { return }
        do throws(PageError) {
            messages.append(try MessageFile(language, area, file: prefix + path, parsing: bytes))
        } catch {
            problems += error.problems
        }
    }

    /// The visible names in a folder, sorted so that problems come in the same order everywhere.
    private mutating func names(in folder: String) -> [String]? {
        guard let stream = opendir(absolute(folder)) else {
            report(folder, "the folder cannot be read: \(TemplateFolder.reason())")
            return nil
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private enum Kind {
        case file, folder
    }

    private mutating func kind(of path: String) -> Kind? {
        var status = stat()
        guard stat(absolute(path), &status) == 0 else {
            report(path, "cannot be read: \(TemplateFolder.reason())")
            return nil
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file
        default: return nil
        }
    }

    private mutating func bytes(of path: String) -> [UInt8]? {
        let descriptor = open(absolute(path), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            report(path, "cannot be read: \(TemplateFolder.reason())")
            return nil
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while content.count <= TemplateFolder.fileLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return content }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                report(path, "cannot be read: \(TemplateFolder.reason())")
                return nil
            }
            content.append(contentsOf: chunk[..<count])
        }
        report(path, "larger than \(TemplateFolder.fileLimit) bytes")
        return nil
    }

    private func absolute(_ path: String) -> String {
        path.isEmpty ? root : "\(root)/\(path)"
    }

    private mutating func report(_ path: String, _ message: String) {
        problems.append(.init(file: path.isEmpty ? root : prefix + path, message))
    }

    private static func reason() -> String {
        String(cString: strerror(errno))
    }
}

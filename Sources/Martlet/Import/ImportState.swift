import Glibc
import Identity
import JSON

/// How far an import has come: a small file beside the export, replaced as a whole after each batch.
struct ImportState {
    let format: ExportFormat
    /// Of the export, so that another file is not taken for it.
    let size: Int64
    let modified: Int64
    var counts: ImportCounts
    /// How long the report is that belongs to it.
    var reportLength: Int64

    /// Where it is kept.
    static func path(of file: String) -> String { file + ".import" }

    /// What an interrupted import has left; nil where there is none.
    static func read(_ path: String) throws(CommandFailure) -> ImportState? {
        let contents: SmallFile.Contents
        do {
            contents = try SmallFile.read(path, limit: 4096)
        } catch {
            guard !error.isAbsence else { return nil }
            throw CommandFailure("\(Console.visible(path)) cannot be read: \(error)")
        }
        guard let object = try? JSONObject(parsing: contents.bytes),
            let format = object["format"]?.string.flatMap(ExportFormat.init), let size = object["size"]?.integer,
            let modified = object["modified"]?.integer, let length = object["report_bytes"]?.integer, length >= 0,
            let counts = ImportCounts(object)
        else {
            throw CommandFailure(
                .badData, "\(Console.visible(path)) does not say how far an import has come; remove it to begin anew")
        }
        return ImportState(format: format, size: size, modified: modified, counts: counts, reportLength: length)
    }

    /// Replaces the file; whole or not at all.
    func write(_ path: String) throws(CommandFailure) {
        var writer = JSONWriter(capacity: 512)
        writer.object {
            $0.member("format", format.rawValue)
            $0.member("size", size)
            $0.member("modified", modified)
            $0.member("report_bytes", reportLength)
            counts.write(to: &$0)
        }
        let draft = path + ".new"
        let file = try OutputFile(draft, .replacing)
        try file.write(writer.bytes)
        try file.sync()
        guard rename(draft, path) == 0 else {
            throw CommandFailure("\(Console.visible(path)) cannot be written: \(SmallFile.Failure.last)")
        }
    }
}

import SQLStores
import Stores

/// Whether a copy of a SQLite database could be restored.
enum BackupVerification {
    /// Looks at the file and at the keys in it; needs no database and no server.
    static func report(of path: String, _ keys: DoctorKeys) -> DoctorReport {
        var report = DoctorReport()
        let file: SQLiteBackupFile
        do throws(StorageError) {
            file = try SQLiteBackupFile(path)
        } catch {
            // The error's own advice is for a database in use.
            report.add("file", .failed(Finding(error).found, do: "Use another backup."))
            return report
        }
        for check in file.checks { report.add(check.name, check.run()) }
        report.add("master key", keys.masterKeyFinding)
        report.add("signing keys", keys.finding { () throws(StorageError) in try file.signingKeys() })
        report.add(
            "sealed values",
            keys.sealedFinding { count throws(StorageError) in
                try file.sealedCounts(headCount: count)
            })
        return report
    }
}

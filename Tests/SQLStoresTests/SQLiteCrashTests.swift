import Foundation
import MartletTesting
import OAuthTypes
import SQLStores
import Stores
import Testing

@Suite("SQLite: killed while it writes")
struct SQLiteCrashTests {
    // Early, and after the log was copied into the database file a few times.
    @Test(arguments: [200, 3000])
    func everythingAcknowledgedIsThere(after acknowledged: Int) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        let (file, journal) = (directory.file, directory.path + "/acknowledged")
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [file = file as String, journal = journal as String, acknowledged = acknowledged as Int] in
            let storage = try SQLStorage.openSQLite(at: file, role: .server)
            // Appended by one system call each: what is in the kernel's hands outlives the process.
            let log = open(journal, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let (number, done) = (Counter(), Counter())
            _ = try await concurrently(32) {
                while true {
                    let id = number.next()
                    let code = AuthorizationCode.withEveryFieldSet(digest: .numbered(id), grant: "g-\(id)")
                    try await storage.stores.codes.issue(code, under: .living(id: "g-\(id)"))
                    if id.isMultiple(of: 2) {
                        let outcome = try await storage.stores.codes.redeem(code.digest, at: code.issuedAt)
                        guard outcome == .fresh else { exit(1) }
                    }
                    let line = "\(id)\n"
                    guard write(log, line, line.utf8.count) == line.utf8.count else { exit(2) }
                    if done.next() == acknowledged { kill(getpid(), SIGKILL) }
                }
            }
        }
        let lines = try String(contentsOfFile: journal, encoding: .utf8).split(separator: "\n").compactMap { Int($0) }
        #expect(lines.count >= acknowledged)
        let storage = try SQLStorage.openSQLite(at: file, role: .server)
        for id in lines {
            let code = AuthorizationCode.withEveryFieldSet(digest: .numbered(id), grant: "g-\(id)")
            let isSpent = id.isMultiple(of: 2)
            let outcome = try await storage.stores.codes.redeem(code.digest, at: code.issuedAt)
            #expect(outcome == (isSpent ? .replayed(code.grantID) : .fresh), "\(id)")
            #expect(try await storage.stores.grants.find(code.grantID, at: .noon) != nil, "\(id)")
        }
        #expect(try RawSQLite(file).column("PRAGMA integrity_check") == ["ok"])
        // Both or neither, also of what was under way.
        let lonely = "SELECT COUNT(*) FROM grants WHERE id NOT IN (SELECT grant_id FROM codes)"
        #expect(try RawSQLite(file).column(lonely) == ["0"])
        await storage.close()
    }
}

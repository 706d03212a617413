import Identity
import JOSE
import JSON
import OAuthTypes
import Stores

/// One run of an import: batch by batch, so that whatever interrupts it leaves a state from which it goes on.
struct ImportRun {
    enum Mode {
        case take
        /// Nothing is made, and nothing is left behind but the report.
        case look
    }

    let file: FilePieces
    let format: ExportFormat
    let rules: ImportRules
    let hashes: HashFile?
    var lists: MemberLists?
    let accounts: AccountImport
    let mode: Mode
    let report: OutputFile
    let map: OutputFile?
    /// Where the state is kept; nil for a look.
    let statePath: String?

    /// So many people are made in one step of the database, which others wait for meanwhile.
    private static let batchSize = 256

    /// A person with the row they come from.
    private struct Candidate {
        let row: ExportRows.Row
        let person: ImportedPerson
    }

    /// What came of a run.
    struct Result {
        var counts: ImportCounts
        /// Providers for which there is no connector, as this run met them; the first twenty.
        var unknownProviders: [String] = []
    }

    /// Goes through the file behind the rows of an earlier run.
    func run(from start: ImportCounts, _ progress: ImportProgress) async throws -> Result {
        var (counts, text) = (start, ImportReport())
        var unknownProviders: [String] = []
        let rows = ExportRows(format) { [file] in try file.next() }
        var batch: [Candidate] = []
        // Where nothing is made, the second of two that exclude each other is seen by this alone.
        var seen = SeenPeople()
        while let row = try rows.next() {
            if row.number <= start.rows {
                // What belongs to it was used.
                if let hashes, let user = ExportFormat.userID(ofHashes: row) { _ = hashes.row(of: user) }
                continue
            }
            counts.rows += 1
            do throws(RowRefusal) {
                let person = try format.person(
                    of: row, rules, hashes: { hashes?.row(of: $0) }, lists: { lists?.memberships(of: $0) ?? [] })
                for provider in person.unknownProviders
                where unknownProviders.count < 20 && !unknownProviders.contains(provider) {
                    unknownProviders.append(provider)
                }
                if !person.unknownProviders.isEmpty { counts.withoutConnector += 1 }
                batch.append(Candidate(row: row, person: person))
            } catch {
                counts.refused += 1
                text.refuse(row, nil, error)
            }
            if row.number.isMultiple(of: ImportRun.batchSize) {
                try await finish(&batch, &counts, &text, &seen)
                progress.show(counts, part: Double(rows.bytesRead) / Double(max(1, file.size)))
            }
        }
        for line in hashes?.unused ?? [] {
            counts.refused += 1
            text.refuseHash(line: line)
        }
        try await finish(&batch, &counts, &text, &seen)
        return Result(counts: counts, unknownProviders: unknownProviders)
    }

    private func finish(
        _ batch: inout [Candidate], _ counts: inout ImportCounts, _ text: inout ImportReport,
        _ seen: inout SeenPeople
    ) async throws {
        var mapping: [UInt8] = []
        for (candidate, outcome) in zip(batch, try await outcomes(of: batch, &seen)) {
            let (row, person) = (candidate.row, candidate.person)
            switch outcome {
            case .refused(let refusal):
                counts.refused += 1
                text.refuse(row, person.email, refusal)
                continue
            case .present:
                counts.present += 1
                // Also of one that was made just before an interruption: nothing told of it yet.
                let isSeen = seen.hasMade(accounts.identifier(of: person))
                let unlinked = isSeen ? [] : try await accounts.unlinked(of: person)
                if !person.isWhole || !unlinked.isEmpty { text.leave(row, person, unlinked: unlinked) }
            case .made:
                counts.made += 1
                counts.linked += person.identities.count
                if person.hash == nil { counts.withoutPassword += 1 }
                if !person.isWhole {
                    counts.incomplete += 1
                    text.leave(row, person)
                }
            }
            if map != nil { mapping += ImportRun.line(of: person, accounts.identifier(of: person)) }
        }
        batch.removeAll(keepingCapacity: true)
        try map?.write(mapping)
        try report.write(text.take())
        guard let statePath else { return }
        // The report first: a state never tells of more than is there.
        try report.sync()
        try ImportState(
            format: format, size: file.size, modified: file.modified, counts: counts, reportLength: report.length
        ).write(statePath)
    }

    private func outcomes(
        of batch: [Candidate], _ seen: inout SeenPeople
    ) async throws -> [AccountImport.Outcome] {
        switch mode {
        case .take:
            guard !batch.isEmpty else { return [] }
            return try await patiently { try await accounts.take(batch.map(\.person)) }
        case .look:
            var outcomes: [AccountImport.Outcome] = []
            for candidate in batch {
                let id = accounts.identifier(of: candidate.person)
                if let outcome = seen.obstacle(candidate.person, id) {
                    outcomes.append(outcome)
                    continue
                }
                let outcome = try await accounts.look(at: candidate.person)
                if case .made = outcome { seen.add(candidate.person, id) }
                outcomes.append(outcome)
            }
            return outcomes
        }
    }

    /// Again, a while later, where the database has too much to do: the people who sign in go first.
    private func patiently<Value>(_ body: () async throws -> Value) async throws -> Value {
        for pause in [50, 100, 200, 400, 800, 1600, 3200] {
            do {
                return try await body()
            } catch StorageError.busy {
                try await Task.sleep(for: .milliseconds(pause))
            }
        }
        return try await body()
    }

    private static func line(of person: ImportedPerson, _ id: UserID) -> [UInt8] {
        var writer = JSONWriter(capacity: 160)
        writer.object {
            $0.member("id", person.source)
            $0.member("email", person.email.rawValue)
            $0.member("sub", id.rawValue)
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

extension ImportedPerson {
    /// Whether everything of the row is in the account.
    fileprivate var isWhole: Bool { left.isEmpty && unknownProviders.isEmpty }
}

/// Whom a look would have made: a beginning of a digest for each thing that no two people can have.
private struct SeenPeople {
    private var byAddress: [UInt64: UserID] = [:]
    private var addresses: [UserID: UInt64] = [:]
    private var identities: Set<UInt64> = []

    /// Notes an account that would be there now.
    mutating func add(_ person: ImportedPerson, _ id: UserID) {
        let address = SeenPeople.digest("", person.email.rawValue)
        byAddress[address] = id
        addresses[id] = address
        for identity in person.identities {
            identities.insert(SeenPeople.digest(identity.connector.rawValue, identity.subject))
        }
    }

    /// Whether the account would have been made by this run.
    func hasMade(_ id: UserID) -> Bool { addresses[id] != nil }

    /// What is in the way of an account, in the order in which a database is asked; nil for nothing.
    func obstacle(_ person: ImportedPerson, _ id: UserID) -> AccountImport.Outcome? {
        let address = SeenPeople.digest("", person.email.rawValue)
        if let holder = byAddress[address], holder != id { return .refused(RowRefusal(.addressTaken)) }
        if let known = addresses[id] {
            return known == address ? .present(id) : .refused(RowRefusal(.identifierTaken))
        }
        for identity in person.identities
        where identities.contains(SeenPeople.digest(identity.connector.rawValue, identity.subject)) {
            return .refused(RowRefusal(.identityTaken, identity.connector.rawValue))
        }
        return nil
    }

    private static func digest(_ kind: String, _ text: String) -> UInt64 {
        let digest = SHA256.digest(of: Array((kind + "\u{0}" + text).utf8)).bytes
        return digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

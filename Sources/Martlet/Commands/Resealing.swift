import JOSE
import SQLStores

/// Seals everything anew that a predecessor of the master key sealed.
struct Resealing {
    let masterKey: MasterKey

    /// What became of the values of all columns.
    struct Report: Equatable {
        /// All values there are.
        var seen = 0
        /// Those that were sealed anew.
        var resealed = 0
        /// Those of master keys that are not here, by their names.
        var strange: [MasterKey.ID: Int] = [:]
        /// Those that are no sealed values, or changed ones; by table.
        var damaged: [String: Int] = [:]

        var isWhole: Bool { strange.isEmpty && damaged.isEmpty }
    }

    /// How often it looks again for what others have sealed meanwhile.
    private static let rounds = 10

    /// Goes over the columns until nothing is left to be done; `progress` is told how many values were looked at.
    func run(
        over values: SealedValues, in columns: [SealedColumn] = SealedColumn.all,
        progress: (Int) throws -> Void = { _ in }
    ) throws -> Report {
        var report = Report()
        for _ in 0..<Resealing.rounds {
            var round = Report()
            var overtaken = 0
            for column in columns {
                let before = round.seen
                let outcome = try values.replace(in: column, progress: { try progress(before + $0.seen) }) { value in
                    try sealedAnew(value, of: column, &round)
                }
                round.seen += outcome.seen
                round.resealed += outcome.replaced
                overtaken += outcome.overtaken
            }
            let resealed = report.resealed + round.resealed
            report = round
            report.resealed = resealed
            guard round.resealed + overtaken > 0 else { break }
        }
        return report
    }

    private func sealedAnew(
        _ value: SealedValues.Value, of column: SealedColumn, _ report: inout Report
    ) throws -> [UInt8]? {
        guard let id = MasterKey.id(ofSealed: value.sealed) else {
            report.damaged[column.table, default: 0] += 1
            return nil
        }
        guard id != masterKey.id else { return nil }
        do throws(JOSEError) {
            do throws(JOSEError) {
                return try sealedAnew(value, for: column.purpose)
            } catch .unsealable {
                guard let other = column.otherPurpose else { throw JOSEError.unsealable }
                return try sealedAnew(value, for: other)
            }
        } catch .wrongMasterKey(let id) {
            report.strange[id, default: 0] += 1
        } catch .unsealable {
            report.damaged[column.table, default: 0] += 1
        }
        return nil
    }

    private func sealedAnew(_ value: SealedValues.Value, for purpose: StaticString) throws(JOSEError) -> [UInt8] {
        let plain = try masterKey.open(value.sealed, purpose: purpose, boundTo: value.binding)
        return try plain.withBytes { plain throws(JOSEError) in
            try masterKey.seal(plain, purpose: purpose, boundTo: value.binding)
        }
    }
}

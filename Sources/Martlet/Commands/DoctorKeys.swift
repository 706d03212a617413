import JOSE
import SQLStores
import Stores

/// The master key of the settings, and whether it opens what was sealed.
struct DoctorKeys {
    private let path: String
    private let masterKey: Result<MasterKey, MasterKeyFile.Refusal>
    /// Production makes no key and takes none that was not named.
    private let isUnnamed: Bool
    private let isMadeAtStart: Bool

    init(_ settings: Settings, _ configuration: Configuration) {
        let isNamed = SettingsReader(settings).text(.masterKeyFile) != nil
        let path = configuration.masterKeyPath
        isUnnamed = !isNamed && configuration.mode == .production
        isMadeAtStart = !isNamed && configuration.mode == .development
        self.path = path
        masterKey = Result { () throws(MasterKeyFile.Refusal) in try MasterKeyFile.read(path) }
    }

    var masterKeyFinding: Finding {
        guard !isUnnamed else {
            return .failed(
                "MARTLET_MASTER_KEY_FILE is missing",
                do: "Name the file that was used before; for a new provider, `martlet serve` tells how to make one.")
        }
        switch masterKey {
        case .success: return .ok("\(path) holds a key, and its owner alone can read it")
        case .failure(.unreadable(let failure)) where failure.isAbsence && isMadeAtStart:
            return .warning("there is no \(path) yet", do: "The first start of a new provider makes it.")
        case .failure(let refusal): return .failed("\(path) cannot be used: \(refusal.complaint)", do: refusal.remedy)
        }
    }

    /// Whether every signing key opens; `load` asks for them.
    func finding(_ load: () throws(StorageError) -> [SigningKeyRecord]) -> Finding {
        let records: [SigningKeyRecord]
        do throws(StorageError) {
            records = try load()
        } catch {
            return Finding(error)
        }
        guard !records.isEmpty else { return .ok("none yet; the first start makes them") }
        guard !isUnnamed, let masterKey = try? masterKey.get() else {
            return .failed(
                "\(records.count), and no master key to open them with",
                do: "Put back the master key that the database was made with.")
        }
        return DoctorKeys.finding(records, masterKey)
    }

    private static func finding(_ records: [SigningKeyRecord], _ masterKey: MasterKey) -> Finding {
        var closed: [String] = []
        for record in records {
            do throws(JOSEError) {
                _ = try SigningKey(opening: record.sealed, with: masterKey)
            } catch .wrongMasterKey {
                closed.append("\(record.id) (of another master key)")
            } catch {
                closed.append("\(record.id) (damaged)")
            }
        }
        guard closed.isEmpty else {
            return .failed(
                "\(closed.count) of \(records.count) cannot be opened: \(closed.joined(separator: ", "))",
                do: "Put back the master key that the database was made with; for damaged ones restore a backup.")
        }
        guard records.contains(where: { $0.state == .current }) else {
            return .failed("none of \(records.count) signs", do: "Restore a backup.")
        }
        return .ok("the master key opens all \(records.count)")
    }
}

import AuthorizationServer
import JOSE
import OAuthTypes
import SQLStores
import Stores

/// The master key of the settings, and whether it opens what was sealed.
struct DoctorKeys {
    private let source: MasterKeySource
    private let masterKey: Result<MasterKey, MasterKeyFile.Refusal>
    /// Production makes no key and takes none that was not named.
    private let isUnnamed: Bool
    private let isMadeAtStart: Bool
    private let devices: KeyDeviceSettings
    private let policy: Policy

    init(_ configuration: Configuration) {
        let source = configuration.masterKey
        isUnnamed = !source.isNamed && configuration.mode == .production
        isMadeAtStart = !source.isNamed && configuration.mode == .development
        self.source = source
        devices = configuration.keyDevices
        policy = configuration.policy
        masterKey = Result { () throws(MasterKeyFile.Refusal) in try source.read() }
    }

    var masterKeyFinding: Finding {
        guard !isUnnamed else {
            return .failed(
                "MARTLET_MASTER_KEY_FILE is missing",
                do: "Name the file that was used before; for a new provider, `martlet serve` tells how to make one.")
        }
        switch masterKey {
        case .success(let key) where key.predecessors.isEmpty:
            return .ok("\(source.description) holds key \(key.id), and nobody else can read it")
        case .success(let key):
            let older = key.predecessors.map { "\($0.id)" }.joined(separator: ", ")
            return .ok("\(source.description) holds key \(key.id), which seals, and \(older), which only opens")
        case .failure(.unreadable(let failure)) where failure.isAbsence && isMadeAtStart:
            return .warning("there is no \(source.description) yet", do: "The first start of a new provider makes it.")
        case .failure(let refusal):
            return .failed("\(source.description) cannot be used: \(refusal.complaint)", do: refusal.remedy)
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

    /// Whether keys in devices sign, and are not too old; each one that is used signs something, with one PIN at most.
    func deviceFinding(_ load: () throws(StorageError) -> [SigningKeyRecord], at now: Timestamp) -> Finding {
        guard !isUnnamed, let masterKey = try? masterKey.get() else { return .skipped("there is no master key") }
        let records: [SigningKeyRecord]
        do throws(StorageError) {
            records = try load()
        } catch {
            return Finding(error)
        }
        let devices = devices.devices()
        var count = 0
        var old: [String] = []
        for record in records where record.state != .retiring {
            guard let key = try? StoredSigningKey(opening: record.sealed, with: masterKey).device else { continue }
            count += 1
            do throws(KeyDeviceError) {
                _ = try devices.sign(Array("martlet tries a key".utf8), with: key)
            } catch {
                return .failed("\(record.id), \(key.uri), does not sign", do: "Mend this: \(error).")
            }
            if record.isOverdue(policy, at: now) { old.append("\(record.id)") }
        }
        guard old.isEmpty else {
            return .warning(
                "\(old.joined(separator: ", ")) should have a successor by now",
                do: "Make another key in the device, then: martlet keys import --uri …, martlet keys rotate.")
        }
        return .ok(count == 0 ? "no signing key is in a device" : "\(count) sign\(count == 1 ? "s" : "")")
    }

    /// Which master keys the sealed values of all tables need; `load` asks for the beginnings of so many bytes.
    func sealedFinding(_ load: (_ headCount: Int) throws(StorageError) -> [SealedCount]) -> Finding {
        var older: [MasterKey.ID: Int64] = [:]
        var strange: [String: Int64] = [:]
        var all: Int64 = 0
        guard !isUnnamed, let masterKey = try? masterKey.get() else { return .skipped("there is no master key") }
        do throws(StorageError) {
            for value in try load(MasterKey.headCount) {
                all += value.count
                guard let id = MasterKey.id(ofHead: value.head) else {
                    strange["nothing, in \(value.table)", default: 0] += value.count
                    continue
                }
                guard id != masterKey.id else { continue }
                if masterKey.all.contains(where: { $0.id == id }) {
                    older[id, default: 0] += value.count
                } else {
                    strange["\(id)", default: 0] += value.count
                }
            }
        } catch {
            return Finding(error)
        }
        guard strange.isEmpty else {
            let words = strange.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }
            return .failed(
                "of \(all), sealed with a master key that is not here: \(words.joined(separator: ", "))",
                do: "Put that master key back, behind the first one.")
        }
        guard older.isEmpty else {
            let words = older.map { "\($0.value) with \($0.key)" }.sorted()
            return .warning(
                "of \(all), sealed with an older master key: \(words.joined(separator: ", "))",
                do: "Run `martlet keys reseal`, and keep the older key until it is done.")
        }
        return .ok("all \(all) are sealed with master key \(masterKey.id)")
    }

    private static func finding(_ records: [SigningKeyRecord], _ masterKey: MasterKey) -> Finding {
        var closed: [String] = []
        // Those of a newer program beside this one are its own affair.
        for record in records where record.isForRequests || SignatureAlgorithm(rawValue: record.algorithm) != nil {
            do throws(JOSEError) {
                if record.isForRequests {
                    _ = try DecryptionKey(opening: record.sealed, algorithm: nil, with: masterKey)
                } else {
                    _ = try StoredSigningKey(opening: record.sealed, with: masterKey)
                }
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
        guard records.contains(where: { $0.state == .current && !$0.isForRequests }) else {
            return .failed("none of \(records.count) signs", do: "Restore a backup.")
        }
        return .ok("the master key opens all \(records.count)")
    }
}

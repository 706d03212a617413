import AuthorizationServer
import Glibc
import Identity
import JOSE
import OAuthTypes
import Pages
import Reactor
import Stores

/// What has to hold before the server listens.
extension Server {
    /// Says which port is taken, and by which setting another one is chosen.
    ///
    /// What was handed over is ours already.
    static func checkPorts(
        _ items: [ListenSetting], _ setting: Setting, _ inherited: InheritedSockets
    ) throws(CommandFailure) {
        for item in items where !inherited.holds(item.address) {
            guard case .ip(let address) = item.address else { continue }
            do {
                try Listener.checkFree(address)
            } catch {
                let reason =
                    switch error.code {
                    case EADDRINUSE: "port \(address.port) is in use by another program"
                    case EACCES: "ports below 1024 are for the superuser"
                    case EADDRNOTAVAIL: "this machine does not have that address"
                    default: "\(error)"
                    }
                throw CommandFailure(
                    "cannot listen on \(address): \(reason). "
                        + "Choose another address with \(setting.rawValue), such as 127.0.0.1:8081"
                )
            }
        }
    }

    /// What says where networks are; nil where no file is named.
    static func places(_ file: String?, _ clock: any TimeSource) throws(CommandFailure) -> Places? {
        guard let file else { return nil }
        do throws(Places.Failure) {
            return try Places(path: file, clock: clock)
        } catch {
            throw CommandFailure(
                .configuration, "\(Setting.geoIPFile.rawValue) names \(file), which cannot be used: \(error)")
        }
    }

    /// Where passwords are hashed.
    static func passwordPool(_ workers: Int) throws(SystemError) -> WorkerPool {
        // Whoever waits behind sixteen others for a hash has waited for a second or two: enough.
        try WorkerPool(name: "passwords", threads: workers, queueLimit: 16 * workers, priority: .background)
    }

    /// The pages of the configured folder, or of the first that is found where there is none.
    static func pages(_ templates: TemplateSettings, basePath: String) throws(CommandFailure) -> PageSet {
        let folder = templates.folder ?? TemplateSearch.find(executable: TemplateSearch.ownExecutable)
        guard let folder else {
            throw CommandFailure(
                .configuration,
                "the page templates are not where they are looked for; name their folder with \(Setting.templates.rawValue)"
            )
        }
        do {
            return try PageSet(
                directory: folder, overlay: templates.overlay, basePath: basePath, language: templates.language)
        } catch {
            throw CommandFailure(.configuration, "the page templates in \(folder) cannot be used:\n\(error)")
        }
    }

    /// When people show that they are no robots, and how.
    static func challenges(
        _ settings: CaptchaSettings, _ environment: ServerEnvironment, _ masterKey: MasterKey, _ fetch: OutgoingFetch?
    ) -> ChallengeGate {
        let work = ProofOfWork(
            masterKey, waits: settings.waits, clock: environment.clock, random: environment.random)
        var challenge: (any Challenge)?
        if let foreign = settings.foreign, let fetch {
            challenge = ProviderChallenge(
                foreign.provider, siteKey: foreign.siteKey, secret: foreign.secret,
                host: Server.host(of: environment.issuer),
                fetch: fetch)
        }
        return ChallengeGate(
            settings.mode, challenge, after: settings.failures, work: work, clock: environment.clock)
    }

    /// The host that a browser's page has, without a port.
    static func host(of issuer: Issuer) -> String {
        let authority = issuer.origin.drop { $0 != "/" }.dropFirst(2)
        return String(authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" })
    }

    /// Has every key that stays in a device, and signs, sign something: without it the server is of no use.
    static func checkDevices(
        _ records: [SigningKeyRecord], _ masterKey: MasterKey, _ policy: Policy, _ devices: any DeviceSigning
    ) async throws {
        for record in records where record.state == .current {
            // What cannot be opened has words of its own elsewhere.
            guard let key = try? StoredSigningKey(opening: record.sealed, with: masterKey).device,
                policy.signingAlgorithms.contains(key.algorithm)
            else { continue }
            do {
                _ = try await devices.sign(Array("martlet tries a key".utf8), with: key)
            } catch let error as KeyDeviceError {
                throw CommandFailure(
                    error.isTemporary ? .failure : .configuration,
                    "signing key \(Console.visible(record.id.rawValue)), \(key.uri), cannot be used: \(error)")
            }
        }
    }

    /// The configured key, or in development mode one that is made now.
    ///
    /// Where there are signing keys already, a new key could not open them: it is the old one that is missing. Nor is one
    /// taken that cannot: nothing that it sealed would fit to the rest.
    static func masterKey(_ configuration: ServeConfiguration, _ stores: Storage) async throws -> MasterKey {
        let (records, source) = (try await stores.keys.list(), configuration.common.masterKey)
        if let masterKey = configuration.masterKey {
            let strangers = records.filter { record in
                guard let id = MasterKey.id(ofSealed: record.sealed) else { return false }
                return !masterKey.all.contains { $0.id == id }
            }
            guard let stranger = strangers.first, let id = MasterKey.id(ofSealed: stranger.sealed) else {
                return masterKey
            }
            throw CommandFailure(
                .configuration,
                "\(strangers.count) of \(records.count) signing keys are sealed with master key \(id), and "
                    + "\(source.description) holds \(masterKey.all.map { "\($0.id)" }.joined(separator: ", ")); put the "
                    + "other one back, or behind it if you mean to replace it"
            )
        }
        guard records.isEmpty else {
            throw CommandFailure(
                .configuration,
                "the database has signing keys, and \(source.description), which they are sealed with, is missing; "
                    + "put it back"
            )
        }
        return try MasterKeyFile.generate(
            at: MasterKeyFile.generatedPath(beside: configuration.common.database.location))
    }
}

import Directory
import Federation
import JOSE
import JSON
import OAuthTypes
import Stores

/// A connector as an operator describes it, by options or in a file, before it is one.
struct ConnectorDraft: Sendable {
    var id: String
    var kind: Connector.Kind?
    var preset: String?
    var name: String?
    var settings = JSONObject()
    /// The file that holds the secret; nil for none.
    var secretFile: String?
    var secret: String?
    var position: Int?
    var isEnabled: Bool?

    init(id: String) { self.id = id }

    /// The form of `connector apply`: an object that names nothing else.
    init(_ value: JSONValue) throws(CommandFailure) {
        guard let object = value.object, let id = object["id"]?.string else {
            throw CommandFailure(.badData, "each connector is an object with an id")
        }
        self.id = id
        for member in object {
            switch (member.name, member.value) {
            case ("id", _): break
            case ("kind", .string(let text)):
                guard let kind = Connector.Kind(rawValue: text) else { throw ConnectorDraft.wrong("kind", in: id) }
                self.kind = kind
            case ("preset", .string(let text)): preset = text
            case ("name", .string(let text)): name = text
            case ("settings", .object(let object)): settings = object
            case ("secret_file", .string(let path)): secretFile = path
            case ("position", .integer(let number)): position = Int(clamping: number)
            case ("enabled", .bool(let flag)): isEnabled = flag
            // As `connector show` writes them: what follows from the rest.
            case ("has_secret", .bool), ("callback_path", .string), ("preset", .null): break
            case ("secret", _), ("client_secret", _):
                throw CommandFailure(
                    .badData,
                    "connector \(Console.visible(id)) has a secret in the file: secret_file names one that holds it")
            default: throw ConnectorDraft.wrong(member.name, in: id)
            }
        }
    }

    private static func wrong(_ member: String, in id: String) -> CommandFailure {
        CommandFailure(
            .badData,
            "connector \(Console.visible(id)) has \(Console.visible(member)), which is unknown or of another kind")
    }

    /// The connector; `old` is the one that is there, whose secret and place stay where none are given.
    func connector(
        over old: Connector?, sealing masterKey: () throws -> MasterKey, at now: Timestamp
    ) throws -> Connector {
        guard let id = ConnectorID(word: self.id) else {
            throw CommandFailure(
                .badData, "a connector's id is 1 to 32 small letters, digits and single hyphens, a letter first")
        }
        let preset = self.preset ?? old?.preset
        let known = try preset.map { name throws(CommandFailure) in
            guard let preset = Preset.named(name) else { throw ConnectorDraft.noPreset(name) }
            return preset
        }
        let kind = self.kind ?? known?.kind ?? old?.kind ?? .openID
        if let old, old.kind != kind {
            throw CommandFailure(.badData, "connector \(id) is of kind \(old.kind.rawValue), which cannot change")
        }
        var connector = Connector(
            id: id, kind: kind, preset: preset, name: name ?? old?.name ?? known?.title ?? id.rawValue,
            settings: String(decoding: settings.jsonBytes(), as: UTF8.self), sealedSecret: old?.sealedSecret,
            position: position ?? old?.position ?? 0, createdAt: old?.createdAt ?? now, updatedAt: now,
            disabledAt: isEnabled.map { $0 ? nil : old?.disabledAt ?? now } ?? old?.disabledAt)
        if let secret = try secretText() {
            guard !secret.hasPrefix("-----BEGIN") || secret.contains("-----END") else {
                throw CommandFailure(.badData, "that is one line of a key alone: give the whole file by --secret-file")
            }
            connector.sealedSecret = try masterKey().seal(
                Array(secret.utf8), purpose: Upstream.secretPurpose, boundTo: Array(id.rawValue.utf8))
        }
        try connector.check()
        if let old { try connector.checkThatPeopleStayTheSame(as: old) }
        return connector
    }

    private func secretText() throws -> String? {
        guard let secretFile else { return secret }
        do throws(SmallFile.Failure) {
            let text = String(decoding: try SmallFile.read(secretFile, limit: 16 * 1024).bytes, as: UTF8.self)
            if let end = text.lastIndex(where: { !$0.isWhitespace }) { return String(text[...end]) }
        } catch {
            throw CommandFailure("\(Console.visible(secretFile)) cannot be read: \(error)")
        }
        // Nothing would stand for the secret of before.
        throw CommandFailure(.badData, "\(Console.visible(secretFile)) holds no secret")
    }

    private static func noPreset(_ name: String) -> CommandFailure {
        CommandFailure(
            .badData,
            "there is no preset \(Console.visible(name)); there are "
                + Preset.all.map(\.name).joined(separator: ", "))
    }
}

extension Connector {
    /// Refuses one that could not work.
    func check() throws(CommandFailure) {
        guard (1...100).contains(name.count), Console.visible(name) == name else {
            throw CommandFailure(.badData, "a connector's name has 1 to 100 characters and no control characters")
        }
        guard kind != .ldap else {
            do throws(DirectorySettings.Fault) {
                _ = try DirectorySettings(self)
            } catch {
                throw CommandFailure(.badData, "connector \(id): \(Console.visible(error.description))")
            }
            return
        }
        do throws(SettingsFault) {
            let settings = try ConnectorSettings(completing: self)
            if settings.authentication != ConnectorSettings.Authentication.none, sealedSecret == nil {
                throw .noSecret
            }
        } catch {
            throw CommandFailure(.badData, "connector \(id): \(Console.visible(error.description))")
        }
    }
}

extension Connector {
    /// Refuses what would make the people of one provider open the accounts of another's: links hang on the connector
    /// and on what its provider calls people.
    fileprivate func checkThatPeopleStayTheSame(as old: Connector) throws(CommandFailure) {
        if kind == .ldap {
            let before = (try? DirectorySettings(old))?.identifier
            guard let before, before != (try? DirectorySettings(self))?.identifier else { return }
            throw Connector.wouldChangePeople(id, "identifier")
        }
        guard let after = try? ConnectorSettings(completing: self) else { return }
        guard let before = try? ConnectorSettings(completing: old) else {
            // What it was is not known whole any more, as with a preset that is gone: then nothing of it may change.
            guard settings == old.settings, preset == old.preset else {
                throw CommandFailure(
                    .badData,
                    "connector \(id) cannot be used as it is, and whose people it stands for is not known: "
                        + "add another connector, or remove this one with its links first")
            }
            return
        }
        let members: [(String, String?, String?)] = [
            ("issuer", before.issuer, after.issuer),
            ("issuer_template", before.issuerTemplate, after.issuerTemplate),
            ("claims.subject", before.claims.subject, after.claims.subject),
            (
                "userinfo_endpoint", kind == .oauth2 ? before.userInfoEndpoint : nil,
                kind == .oauth2 ? after.userInfoEndpoint : nil
            ),
        ]
        guard let (name, _, _) = members.first(where: { $0.1 != $0.2 }) else { return }
        throw Connector.wouldChangePeople(id, name)
    }

    private static func wouldChangePeople(_ id: ConnectorID, _ member: String) -> CommandFailure {
        CommandFailure(
            .badData,
            "connector \(id): \(member) cannot change, since other people would open the accounts that are linked; "
                + "add another connector, or remove this one with its links first")
    }
}

extension CommandFailure {
    static func noConnector(_ id: String) -> CommandFailure {
        CommandFailure("there is no connector \(Console.visible(id)); `martlet connector list` shows all")
    }
}

import JOSE
import JSON
import OAuthTypes

/// A user of an Auth0 export: of users (`users-exports` as JSON), of password hashes (by its support), or of a file made
/// for its import.
///
/// Facts: `passwordHash` is bcrypt. An export of hashes names the user by `_id`, or by `alt_id` where the identifier was
/// chosen by the customer; `auth0|` before it makes the `user_id`. `custom_password_hash` tells of hashes that were
/// imported there.
enum Auth0Row {
    /// `hash` is the row of the same user in an export of password hashes.
    static func draft(_ row: RowObject, hash: RowObject?) throws(RowRefusal) -> PersonDraft {
        var draft = PersonDraft()
        draft.source = try identifier(row)
        (draft.email, draft.isEmailVerified) = try address(row)
        draft.isDisabled = try row.bool("blocked") ?? false
        draft.name = try row.string("name")
        if draft.name == nil {
            let names = [try row.string("given_name"), try row.string("family_name")]
            draft.name = names.compactMap(\.self).joined(separator: " ")
        }
        if let text = try row.string("created_at") { draft.createdAt = Timestamp(date: text) }
        draft.password = try password(row)
        if case .none = draft.password, let hash { draft.password = try password(hash) }
        for identity in try row.objects("identities") {
            if let identity = try self.identity(identity) { draft.identities.append(identity) }
        }
        // Which apps and keys they use is not in any export.
        if row.holds("multifactor") || row.holds("mfa_factors") { draft.secondFactor = .unusable("multifactor") }
        // Not of Auth0 itself, which exports no roles: whoever asked its API for them has put them there.
        draft.roles = try row.names("roles", by: ["name"])
        draft.groups = try row.names("groups", by: ["name"])
        takeAccess(of: row, &draft)
        for name in ["user_metadata", "phone_number", "picture"] where row.holds(name) { draft.left.append(name) }
        return draft
    }

    /// Who somebody is at a connection; nil for one of its own database, where the password is from.
    private static func identity(_ identity: RowObject) throws(RowRefusal) -> PersonDraft.Identity? {
        guard let provider = try identity.string("provider") else { throw RowRefusal(.wrongType, "identities") }
        guard provider != "auth0" else { return nil }
        // Of several connections to one kind of provider each has a name of its own.
        let connection = try identity.string("connection") ?? provider
        // Some providers count their people.
        guard var subject = identity.value("user_id").flatMap({ $0.string ?? $0.integer.map(String.init) }) else {
            throw RowRefusal(.wrongType, "identities.user_id")
        }
        // Connections of an enterprise write their name before it.
        let prefix = connection + "|"
        if subject.utf8.starts(with: prefix.utf8) {
            subject = String(decoding: subject.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        }
        return PersonDraft.Identity(provider: connection, subject: subject)
    }

    /// Roles and groups that a customer keeps with a person, as they like best or as the Authorization Extension writes
    /// them; whatever else is there is noted as left.
    private static func takeAccess(of row: RowObject, _ draft: inout PersonDraft) {
        guard let metadata = row.value("app_metadata") else { return }
        var isWhole = metadata.object != nil
        for member in metadata.object ?? [:] {
            if member.name == "authorization", let object = member.value.object {
                for member in object where !take(member, &draft) { isWhole = false }
            } else if !take(member, &draft) {
                isWhole = false
            }
        }
        if !isWhole { draft.left.append("app_metadata") }
    }

    /// Takes a list of roles or groups; false for what is none, or holds anything else.
    private static func take(_ member: JSONObject.Member, _ draft: inout PersonDraft) -> Bool {
        guard let array = member.value.array else { return false }
        let names = array.compactMap(\.string)
        switch member.name {
        case "roles": draft.roles += names
        case "groups": draft.groups += names
        default: return array.isEmpty
        }
        return names.count == array.count
    }

    /// The `user_id`, whichever of the exports it is.
    static func identifier(_ row: RowObject) throws(RowRefusal) -> String? {
        if let id = try row.string("user_id") { return id }
        if let id = try row.string("alt_id") { return "auth0|" + id }
        guard case .object(let object)? = row.value("_id") else { return nil }
        return try RowObject(object, in: "_id.").string("$oid").map { "auth0|" + $0 }
    }

    private static func address(_ row: RowObject) throws(RowRefusal) -> (String?, Bool) {
        if let email = try row.string("email") { return (email, try row.bool("email_verified") ?? false) }
        for identifier in try row.objects("identifiers") where try identifier.string("type") == "email" {
            return (try identifier.string("value"), try identifier.bool("verified") ?? false)
        }
        return (nil, false)
    }

    private static func password(_ row: RowObject) throws(RowRefusal) -> PersonDraft.Password {
        if let text = try row.string(firstOf: "passwordHash", "password_hash") {
            return PersonDraft.Password { () throws(ForeignHash.Refusal) in try ForeignHash(text) }
        }
        guard let custom = try row.object("custom_password_hash") else { return .none }
        let parts = try CustomHash(custom)
        return PersonDraft.Password { () throws(ForeignHash.Refusal) in try parts.hash }
    }

    /// `custom_password_hash`.
    private struct CustomHash {
        let algorithm: String
        let value: String
        let encoding: String
        let salt: (value: String, encoding: String)?
        let passwordEncoding: String
        let numbers: [String: Int64]

        init(_ object: RowObject) throws(RowRefusal) {
            algorithm = try object.string("algorithm") ?? ""
            let hash = try object.object("hash")
            value = try hash?.string("value") ?? ""
            encoding = try hash?.string("encoding") ?? "utf8"
            passwordEncoding = try object.object("password")?.string("encoding") ?? "utf8"
            if let salt = try object.object("salt"), let value = try salt.string("value") {
                self.salt = (value, try salt.string("encoding") ?? "utf8")
            } else {
                salt = nil
            }
            var numbers: [String: Int64] = [:]
            for name in ["keylen", "cost", "blockSize", "parallelization"] { numbers[name] = try object.integer(name) }
            self.numbers = numbers
        }

        var hash: ForeignHash {
            get throws(ForeignHash.Refusal) {
                // Passwords in UTF-16 and the like are others than the ones that people type here.
                guard passwordEncoding == "utf8" || passwordEncoding == "ascii" else { throw .unknownKind }
                switch algorithm {
                // Whole in the value.
                case "argon2", "bcrypt", "pbkdf2": return try ForeignHash(value)
                case "scrypt": return .scrypt(try scrypt)
                default: throw .unknownKind
                }
            }
        }

        private var scrypt: ScryptHash {
            get throws(ForeignHash.Refusal) {
                guard let salt, let cost = numbers["cost"], cost > 1, cost.nonzeroBitCount == 1,
                    let blockSize = numbers["blockSize"], let parallelization = numbers["parallelization"]
                else { throw .malformed }
                let tag = try bytes(value, encoding)
                guard numbers["keylen"].map({ $0 == Int64(tag.count) }) ?? true else { throw .malformed }
                guard let blockSize = UInt32(exactly: blockSize), let parallelization = UInt32(exactly: parallelization)
                else { throw .tooCostly }
                return try ScryptHash(
                    costExponent: UInt32(cost.trailingZeroBitCount), blockSize: blockSize,
                    parallelization: parallelization, salt: try bytes(salt.value, salt.encoding), tag: tag)
            }
        }

        private func bytes(_ text: String, _ encoding: String) throws(ForeignHash.Refusal) -> [UInt8] {
            switch encoding {
            case "utf8": return Array(text.utf8)
            case "base64": return try HashText.decode(text)
            case "hex":
                let digits = Array(text.utf8)
                guard digits.count.isMultiple(of: 2) else { throw .malformed }
                var bytes: [UInt8] = []
                for index in stride(from: 0, to: digits.count, by: 2) {
                    guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
                    else { throw .malformed }
                    bytes.append(byte)
                }
                return bytes
            default: throw .malformed
            }
        }
    }
}

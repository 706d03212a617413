import JOSE
import JSON
import OAuthTypes

/// A user of a Keycloak realm export.
///
/// Facts: the realm export holds users only where it was made so (`kc.sh export --users realm_file`, or `different_files`,
/// each of which is such a file). A credential has its parameters and its secret as JSON within strings; before version 8
/// they were members of the credential itself.
enum KeycloakRow {
    static func draft(_ row: RowObject) throws(RowRefusal) -> PersonDraft {
        guard !row.holds("serviceAccountClientId") else { throw RowRefusal(.notAPerson) }
        var draft = PersonDraft()
        draft.source = try row.string("id")
        draft.email = try row.string("email")
        draft.isEmailVerified = try row.bool("emailVerified") ?? false
        draft.isDisabled = try !(row.bool("enabled") ?? true)
        let names = [try row.string("firstName"), try row.string("lastName")]
        draft.name = names.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
        if let milliseconds = try row.integer("createdTimestamp") {
            let (microseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
            draft.createdAt = overflow ? nil : Timestamp(microseconds: microseconds)
        }
        for credential in try row.objects("credentials") { try take(credential, &draft) }
        draft.roles = try row.strings("realmRoles")
        draft.groups = try row.strings("groups").map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        for identity in try row.objects("federatedIdentities") {
            guard let provider = try identity.string("identityProvider"), let subject = try identity.string("userId")
            else { throw RowRefusal(.wrongType, "federatedIdentities") }
            draft.identities.append(PersonDraft.Identity(provider: provider, subject: subject))
        }
        for name in ["attributes", "clientRoles", "requiredActions"] where row.holds(name) { draft.left.append(name) }
        return draft
    }

    private static func take(_ credential: RowObject, _ draft: inout PersonDraft) throws(RowRefusal) {
        switch try credential.string("type") {
        case "password":
            guard case .none = draft.password else { break }
            let parts = try Parts(credential)
            draft.password = PersonDraft.Password { () throws(ForeignHash.Refusal) in try parts.hash }
        case "otp", "totp", "hotp":
            guard case .none = draft.secondFactor else {
                draft.left.append("another app for codes")
                break
            }
            draft.secondFactor = try secondFactor(credential)
        case "webauthn":
            // Bound to the address of the server that it was made for.
            if case .none = draft.secondFactor { draft.secondFactor = .unusable("webauthn") }
        case "password-history": break
        default: draft.left.append("a credential")
        }
    }

    /// Keycloak keeps the characters of a secret, not what they would encode, unless it says otherwise.
    private static func secondFactor(_ credential: RowObject) throws(RowRefusal) -> PersonDraft.SecondFactor {
        let data = try credential.nested("credentialData") ?? credential
        let value = try (credential.nested("secretData") ?? credential).string("value")
        let subType = try data.string(firstOf: "subType", "type")
        guard let value, !value.isEmpty else { return .unusable("no secret") }
        let algorithm = try data.string("algorithm") ?? "HmacSHA1"
        return TOTPSecret.factor(
            isCounted: subType != "totp", algorithm: algorithm, digits: try data.integer("digits"),
            period: try data.integer("period"),
            secret: try data.string("secretEncoding") == nil ? Array(value.utf8) : Base32.decode(value))
    }

    /// What a password was hashed with.
    private struct Parts {
        let algorithm: String
        let iterations: Int64
        let salt: String?
        let value: String
        let numbers: [String: String]

        init(_ credential: RowObject) throws(RowRefusal) {
            let data = try credential.nested("credentialData") ?? credential
            let secret = try credential.nested("secretData") ?? credential
            algorithm = try data.string("algorithm") ?? "pbkdf2"
            iterations = try data.integer("hashIterations") ?? -1
            salt = try secret.string("salt")
            value = try secret.string(firstOf: "value", "hashedSaltedValue") ?? ""
            var numbers: [String: String] = [:]
            // Each parameter is a list of one.
            if let parameters = try data.object("additionalParameters") {
                for name in ["memory", "parallelism", "type", "version"] {
                    numbers[name] = try parameters.strings(name).first
                }
            }
            self.numbers = numbers
        }

        var hash: ForeignHash {
            get throws(ForeignHash.Refusal) {
                // Extensions keep a hash of another kind whole.
                if value.hasPrefix("$") { return try ForeignHash(value) }
                guard let salt, !value.isEmpty else { throw .malformed }
                let (saltBytes, tag) = (try HashText.decode(salt), try HashText.decode(value))
                guard let count = UInt32(exactly: iterations) else { throw iterations < 0 ? .malformed : .tooCostly }
                switch algorithm {
                case "pbkdf2":
                    return .pbkdf2(try PBKDF2Hash(.sha1, iterations: count, salt: saltBytes, tag: tag))
                case "pbkdf2-sha256":
                    return .pbkdf2(try PBKDF2Hash(.sha256, iterations: count, salt: saltBytes, tag: tag))
                case "pbkdf2-sha512":
                    return .pbkdf2(try PBKDF2Hash(.sha512, iterations: count, salt: saltBytes, tag: tag))
                case "argon2":
                    return .argon2(try argon2(passes: count, salt: saltBytes, tag: tag))
                default: throw .unknownKind
                }
            }
        }

        private func argon2(passes: UInt32, salt: [UInt8], tag: [UInt8]) throws(ForeignHash.Refusal) -> Argon2Hash {
            guard let variant = Argon2Hash.Variant(rawValue: "argon2" + (numbers["type"] ?? "id")) else {
                throw .malformed
            }
            let versions: [String: UInt32] = ["1.0": 16, "1.3": 19]
            guard let version = versions[numbers["version"] ?? "1.3"] else { throw .malformed }
            return try Argon2Hash(
                variant, version: version, memory: try HashText.number(numbers["memory"] ?? ""), passes: passes,
                lanes: try HashText.number(numbers["parallelism"] ?? ""), salt: salt, tag: tag)
        }
    }
}

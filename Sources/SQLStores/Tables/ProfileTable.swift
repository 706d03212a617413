import OAuthTypes
import Stores

/// What people tell of themselves: a column each, and what is in other languages in one of pairs, as a form writes them.
struct ProfileTable<Database: SQLDatabase>: ProfileStore {
    let database: TimedDatabase<Database>

    func find(_ user: UserID) async throws -> ProfileDetails? {
        try await database.read(
            .findProfile,
            """
            SELECT given_name, family_name, middle_name, nickname, preferred_username, profile, picture, website, gender,
                birthdate, zoneinfo, locale, phone_number, street_address, locality, region, postal_code, country,
                translations
            FROM profiles WHERE user_id = $1
            """,
            [.id(user)]
        ).first.map { row throws(StorageError) in
            var reader = RowReader(row, of: "profiles")
            return try ProfileDetails(&reader, of: user)
        }
    }

    func replace(_ details: ProfileDetails, at now: Timestamp) async throws -> Bool {
        try await !database.write(
            .replaceProfile,
            // The row of the account is what two changes wait for, and what an erasure takes away.
            Command(
                "UPDATE users SET updated_at = $2 WHERE id = $1 AND disabled_at IS NULL RETURNING id",
                [.id(details.userID), .time(now)]),
            then: details.replacement
        ).isEmpty
    }

    func tellings(of user: UserID) async throws -> [ProfileTelling] {
        try await database.read(
            .listProfileSources,
            "SELECT source, told, told_at FROM profile_sources WHERE user_id = $1 ORDER BY source", [.id(user)]
        ).map { row in
            var reader = RowReader(row, of: "profile_sources")
            let source = try reader.text("source")
            guard let pairs = try? FormParameters(decoding: Array(try reader.text("told").utf8)) else {
                throw reader.damaged("told")
            }
            var values: [ProfileMember: String] = [:]
            // What a later program knows besides is nothing to this one.
            for name in pairs.names {
                guard let text = pairs[name], text.hasPrefix(".") else { throw reader.damaged("told") }
                if let member = ProfileMember(rawValue: name.rawValue) { values[member] = String(text.dropFirst()) }
            }
            return ProfileTelling(of: user, by: source, values, at: try reader.time("told_at"))
        }
    }

    func tell(_ telling: ProfileTelling, changing change: ProfileChange?) async throws -> Bool {
        let user = telling.userID
        // Behind a point each: a form knows no empty values, and what a person has taken out is one.
        let told = telling.values
            .map { "\($0.key.rawValue)=.\(FormParameters.encode($0.value))" }.sorted().joined(separator: "&")
        let note = Command(
            """
            INSERT INTO profile_sources (user_id, source, told, told_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id, source) DO UPDATE SET told = excluded.told, told_at = excluded.told_at
            """,
            [.id(user), .text(telling.source), .text(told), .time(telling.toldAt)])
        guard let change else {
            return try await !database.write(
                .tellProfile, Command("UPDATE users SET name = name WHERE id = $1 RETURNING id", [.id(user)]),
                then: [note]
            ).isEmpty
        }
        return try await !database.write(
            .tellProfile,
            Command(
                """
                UPDATE users SET name = $2, updated_at = $3 WHERE id = $1 AND updated_at = $4 AND disabled_at IS NULL
                RETURNING id
                """,
                [.id(user), .text(change.name), .time(telling.toldAt), .time(change.since)]),
            then: [note] + change.details.replacement
        ).isEmpty
    }
}

extension ProfileDetails {
    /// The columns behind the account's identifier: the fields in their order, then the translations.
    init(_ reader: inout RowReader, of user: UserID) throws(StorageError) {
        var values: [Field: String] = [:]
        values[.givenName] = try reader.optionalText("given_name")
        values[.familyName] = try reader.optionalText("family_name")
        values[.middleName] = try reader.optionalText("middle_name")
        values[.nickname] = try reader.optionalText("nickname")
        values[.preferredUsername] = try reader.optionalText("preferred_username")
        values[.profile] = try reader.optionalText("profile")
        values[.picture] = try reader.optionalText("picture")
        values[.website] = try reader.optionalText("website")
        values[.gender] = try reader.optionalText("gender")
        values[.birthdate] = try reader.optionalText("birthdate")
        values[.zoneinfo] = try reader.optionalText("zoneinfo")
        values[.locale] = try reader.optionalText("locale")
        values[.phoneNumber] = try reader.optionalText("phone_number")
        values[.streetAddress] = try reader.optionalText("street_address")
        values[.locality] = try reader.optionalText("locality")
        values[.region] = try reader.optionalText("region")
        values[.postalCode] = try reader.optionalText("postal_code")
        values[.country] = try reader.optionalText("country")
        var translations: [ClaimName: String] = [:]
        if let text = try reader.optionalText("translations") {
            guard let pairs = try? FormParameters(decoding: Array(text.utf8)) else {
                throw reader.damaged("translations")
            }
            for name in pairs.names {
                guard let claim = ClaimName(name.rawValue) else { throw reader.damaged("translations") }
                translations[claim] = pairs[name]
            }
        }
        self.init(of: user, values, translations: translations)
    }

    /// Puts all details in place of those before.
    fileprivate var replacement: [Command] {
        [
            Command("DELETE FROM profiles WHERE user_id = $1", [.id(userID)]),
            Command(
                """
                INSERT INTO profiles (user_id, given_name, family_name, middle_name, nickname, preferred_username,
                    profile, picture, website, gender, birthdate, zoneinfo, locale, phone_number, street_address,
                    locality, region, postal_code, country, translations)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
                """,
                [.id(userID)] + ProfileDetails.Field.allCases.map { .text(self[$0]) } + [.text(translationText)]),
        ]
    }

    /// Nil for none.
    fileprivate var translationText: String? {
        guard !translations.isEmpty else { return nil }
        return translations.map { "\(FormParameters.encode($0.key.description))=\(FormParameters.encode($0.value))" }
            .sorted().joined(separator: "&")
    }
}

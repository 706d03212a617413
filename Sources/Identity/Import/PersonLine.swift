import JOSE
import JSON
import OAuthTypes

/// A person in our own format, JSON Lines: `email`, and whatever else there is.
///
/// A member that is not known refuses the row: it may be misspelt, and then something would be lost.
enum PersonLine {
    private static let members: Set = [
        "id", "email", "email_verified", "name", "password_hash", "totp", "disabled", "created_at", "roles", "groups",
        "identities", "profile",
    ]

    static func draft(_ row: RowObject) throws(RowRefusal) -> PersonDraft {
        try row.allowOnly(members)
        var draft = PersonDraft()
        draft.source = try row.string("id")
        draft.email = try row.string("email")
        draft.isEmailVerified = try row.bool("email_verified") ?? false
        draft.name = try row.string("name")
        draft.isDisabled = try row.bool("disabled") ?? false
        if let text = try row.string("created_at") {
            guard let moment = Timestamp(date: text) else { throw RowRefusal(.wrongType, "created_at") }
            draft.createdAt = moment
        }
        if let text = try row.string("password_hash") {
            draft.password = PersonDraft.Password { () throws(ForeignHash.Refusal) in try ForeignHash(text) }
        }
        if let totp = try row.object("totp") {
            try totp.allowOnly(["secret", "algorithm", "digits", "period"])
            draft.secondFactor = TOTPSecret.factor(
                isCounted: false, algorithm: try totp.string("algorithm") ?? "SHA1",
                digits: try totp.integer("digits"), period: try totp.integer("period"),
                secret: try totp.string("secret").flatMap(Base32.decode))
        }
        draft.groups = try row.strings("groups")
        draft.roles = try row.strings("roles")
        for identity in try row.objects("identities") {
            try identity.allowOnly(["connector", "subject"])
            guard let connector = try identity.string("connector"), let subject = try identity.string("subject") else {
                throw RowRefusal(.wrongType, "identities")
            }
            draft.identities.append(PersonDraft.Identity(provider: connector, subject: subject))
        }
        if row.holds("profile") { draft.left.append("profile") }
        return draft
    }
}

import JSON
import OAuthTypes

/// A user of a Cognito user pool: of the answer of `list-users`, or of a table by the headings of its own import.
///
/// Facts: no export of it holds passwords or secrets of apps, so that everybody chooses a new password. `identities` is
/// a JSON array in a string; somebody who came by a provider alone has the status `EXTERNAL_PROVIDER`. Groups stand in no
/// answer about users, but in one for each group (`list-users-in-group`).
enum CognitoRow {
    /// A user as `list-users` tells of them; attributes are the cells of the table.
    static func draft(_ row: RowObject) throws(RowRefusal) -> PersonDraft {
        var cells: [String: String] = [:]
        for attribute in try row.objects("Attributes") {
            guard let name = try attribute.string("Name") else { throw RowRefusal(.wrongType, "Attributes") }
            guard let value = try attribute.string("Value") else { continue }
            guard cells.updateValue(value, forKey: name) == nil else { throw RowRefusal(.malformed, "Attributes") }
        }
        cells["cognito:username"] = try row.string("Username") ?? cells["cognito:username"]
        cells["status"] = try row.string("UserStatus")
        if let isEnabled = try row.bool("Enabled") { cells["enabled"] = isEnabled ? "true" : "false" }
        if row.holds("MFAOptions") || row.holds("UserMFASettingList") { cells["cognito:mfa_enabled"] = "true" }
        var draft = try draft(cells)
        draft.groups += try row.names("Groups", by: ["GroupName"])
        draft.createdAt = moment(row.value("UserCreateDate"))
        return draft
    }

    static func draft(_ cells: [String: String]) throws(RowRefusal) -> PersonDraft {
        func cell(_ name: String) -> String? {
            guard let text = cells[name], !text.isEmpty else { return nil }
            return text
        }
        func flag(_ name: String) throws(RowRefusal) -> Bool? {
            switch cell(name)?.lowercased() {
            case nil: nil
            case "true"?: true
            case "false"?: false
            default: throw RowRefusal(.wrongType, name)
            }
        }
        var draft = PersonDraft()
        let sub = cell("sub")
        let names = [cell("cognito:username"), cell("username")].compactMap(\.self)
        draft.source = sub ?? names.first
        // People choose their user names, and one may choose another's sub.
        draft.listNames = (sub.map { ["sub " + $0] } ?? []) + names.map { "user name " + $0 }
        draft.email = cell("email")
        draft.isEmailVerified = try flag("email_verified") ?? false
        // Accounts that Cognito has shut for good, and those whose password it knows to be stolen.
        let isShut = ["ARCHIVED", "COMPROMISED"].contains(cell("status"))
        draft.isDisabled = try !(flag("enabled") ?? true) || isShut
        draft.name =
            cell("name") ?? [cell("given_name"), cell("family_name")].compactMap(\.self).joined(separator: " ")
        if try flag("cognito:mfa_enabled") == true { draft.secondFactor = .unusable("mfa_enabled") }
        draft.groups = try cell("cognito:groups").map(groups) ?? []
        draft.identities = try cell("identities").map(identities) ?? []
        if draft.identities.isEmpty, cell("status") == "EXTERNAL_PROVIDER" { draft.left.append("identities") }
        let known: Set = [
            "sub", "cognito:username", "username", "email", "email_verified", "enabled", "name", "given_name",
            "family_name", "cognito:mfa_enabled", "phone_number_verified", "updated_at", "status",
            "cognito:user_status",
            "identities", "cognito:groups",
        ]
        for name in cells.keys.sorted() where !known.contains(name) && cell(name) != nil {
            // A heading is the operator's own word.
            draft.left.append(name)
        }
        return draft
    }

    /// A JSON array of names, or names between commas.
    private static func groups(_ text: String) throws(RowRefusal) -> [String] {
        guard text.utf8.first == UInt8(ascii: "[") else {
            return text.split(separator: ",").map { $0.trimmed }
        }
        guard let array = (try? JSONValue(parsing: text))?.array else { throw RowRefusal(.wrongType, "cognito:groups") }
        let names = array.compactMap(\.string)
        guard names.count == array.count else { throw RowRefusal(.wrongType, "cognito:groups") }
        return names
    }

    private static func identities(_ text: String) throws(RowRefusal) -> [PersonDraft.Identity] {
        guard let array = (try? JSONValue(parsing: text))?.array else { throw RowRefusal(.wrongType, "identities") }
        var identities: [PersonDraft.Identity] = []
        for element in array {
            guard let provider = element["providerName"]?.string, let subject = element["userId"]?.string else {
                throw RowRefusal(.wrongType, "identities")
            }
            identities.append(PersonDraft.Identity(provider: provider, subject: subject))
        }
        return identities
    }

    /// Seconds since 1970, or a date with the zone of whoever asked: by the age of the tool that wrote it.
    private static func moment(_ value: JSONValue?) -> Timestamp? {
        if let seconds = value?.number, (0...1e11).contains(seconds) {
            return Timestamp(microseconds: Int64(seconds * 1e6))
        }
        guard let text = value?.string else { return nil }
        if let moment = Timestamp(date: text) { return moment }
        // RFC 3339 with another zone than UTC.
        let zone = text.utf8.suffix(6).map(\.self)
        guard zone.count == 6, zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"),
            zone[3] == UInt8(ascii: ":"), let hours = Int64(String(decoding: zone[1...2], as: UTF8.self)),
            let minutes = Int64(String(decoding: zone[4...5], as: UTF8.self)),
            let local = Timestamp(date: String(decoding: text.utf8.dropLast(6), as: UTF8.self) + "Z")
        else { return nil }
        let ahead = Duration.seconds(hours * 3600 + minutes * 60)
        return zone[0] == UInt8(ascii: "+") ? local - ahead : local + ahead
    }
}

extension Substring {
    /// Without the spaces around it.
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

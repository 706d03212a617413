import JSON
import Stores

extension Profile {
    /// What an object says under the names of a mapping.
    init(_ object: JSONObject, _ mapping: ClaimMapping) {
        func value(_ name: String?, _ usual: String) -> JSONValue? { object.value(at: name ?? usual) }
        subject = Profile.identifier(value(mapping.subject, "sub"))
        email = value(mapping.email, "email")?.string
        isEmailVerified = Profile.truth(value(mapping.emailVerified, "email_verified"))
        name = value(mapping.name, "name")?.string
        groups = mapping.groups.flatMap { object.value(at: $0) }.map(Profile.names)
        for field in ProfileDetails.Field.allCases {
            if let text = object.value(at: mapping.place(of: field))?.string, (1...2000).contains(text.utf8.count) {
                details[field] = text
            }
        }
        if name == nil {
            let parts = [object["given_name"]?.string, object["family_name"]?.string].compactMap(\.self)
            name = parts.isEmpty ? nil : parts.joined(separator: " ")
        }
    }

    /// A text, or a number as some have it.
    static func identifier(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text)?: text
        case .integer(let number)?: "\(number)"
        default: nil
        }
    }

    /// A list of names, or one.
    private static func names(_ value: JSONValue) -> [String] {
        switch value {
        case .string(let name): [name]
        default: value.array?.compactMap(\.string) ?? []
        }
    }

    /// True or false, which Apple and Cognito write as texts.
    private static func truth(_ value: JSONValue?) -> Bool? {
        switch value {
        case .bool(let truth)?: truth
        case .string(let text)?: text == "true"
        case .integer(let number)?: number == 1
        default: nil
        }
    }

    /// What this does not say, from another source about the same person.
    mutating func fill(from other: Profile) {
        if email == nil { (email, isEmailVerified) = (other.email, other.isEmailVerified) }
        name = name ?? other.name
        groups = groups ?? other.groups
        details.merge(other.details) { own, _ in own }
    }

    /// The address that is the main one and verified, of a list as GitHub gives it; nil where there is none.
    static func mainAddress(in list: JSONValue) -> String? {
        let entries = list.array ?? []
        let verified = entries.filter { $0["verified"]?.bool == true }
        return (verified.first { $0["primary"]?.bool == true } ?? verified.first)?["email"]?.string
    }
}

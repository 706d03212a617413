import AuthorizationServer
import HTTP
import Identity
import OAuthTypes
import Pages
import Stores

/// What people tell of themselves: OpenID Connect Core §5.1.
extension AccountRoutes {
    var profileRoutes: [Route] {
        [
            page(AccountPlace.profile.path, .profile) { owner, request in
                let details = try await environment.storage.profiles.find(owner.user.id)
                let isSaved = (try? request.queryParameters())?[Parameter("saved")] != nil
                let page = ProfilePage(
                    frame: frame(owner, .profile), texts: details.map(ProfileForm.texts) ?? [:], isSaved: isSaved,
                    csrf: token(owner))
                return answers.page(page, for: request)
            },
            form(AccountPlace.profile.path, .profile) { try await saveProfile($1, $0, $2) },
        ]
    }

    private func saveProfile(_ form: FormParameters, _ owner: Owner, _ request: Request) async throws -> Response {
        let before = try await environment.storage.profiles.find(owner.user.id)
        let posted = ProfileForm(form, of: owner.user.id, before: before)
        guard posted.wrong.isEmpty else {
            let page = ProfilePage(
                frame: frame(owner, .profile), texts: posted.texts, wrong: posted.wrong, csrf: token(owner))
            return answers.page(page, status: .unprocessableContent, for: request)
        }
        try await environment.storage.profiles.note(
            edits: posted.edits(of: before), of: owner.user.id, at: environment.clock.now)
        if try await environment.storage.profiles.replace(posted.details, at: environment.clock.now) {
            try await audit.note(.profileChanged, of: owner.user.id, from: request.auditOrigin)
        }
        return answers.redirect(to: AccountPlace.profile.path + "?saved=1")
    }
}

/// The form of the profile page as it was posted.
struct ProfileForm: Sendable {
    /// What each field has.
    let texts: [String: String]
    /// The fields whose texts cannot be kept.
    let wrong: Set<String>
    /// What is kept where nothing is wrong.
    let details: ProfileDetails

    private static let tag = "tag"
    /// Names that the form takes in another language.
    private static let translated: [StandardClaim] = [.name, .givenName, .familyName]

    private static func field(_ claim: StandardClaim) -> String { "translated_" + claim.rawValue }

    init(_ form: FormParameters, of user: UserID, before: ProfileDetails?) {
        var texts: [String: String] = [:]
        for field in ProfilePage.fields { texts[field] = form[Parameter(field)].map(ProfileRules.trimmed) }
        var wrong: Set<String> = []
        var values: [ProfileDetails.Field: String] = [:]
        for field in ProfileDetails.Field.allCases {
            guard let text = texts[field.rawValue] else { continue }
            values[field] = ProfileRules.fit(text, for: field)
            if values[field] == nil { wrong.insert(field.rawValue) }
        }
        // Of names in several languages the form has the first; the others stay.
        let shown = before.flatMap(ProfileForm.shownTag)
        var translations = (before?.translations ?? [:]).filter { $0.key.tag != shown }
        let tag = texts[ProfileForm.tag].flatMap { LanguageTag($0) }
        for claim in ProfileForm.translated {
            guard let text = texts[ProfileForm.field(claim)] else { continue }
            if tag == nil { wrong.insert(ProfileForm.tag) }
            guard let fit = ProfileRules.fit(text, for: .givenName) else {
                wrong.insert(ProfileForm.field(claim))
                continue
            }
            translations[ClaimName(claim, tag)] = fit
        }
        self.texts = texts
        self.wrong = wrong
        details = ProfileDetails(of: user, values, translations: translations)
    }

    /// What the person has changed.
    func edits(of before: ProfileDetails?) -> [ProfileMember: String] {
        var edits: [ProfileMember: String] = [:]
        for field in ProfileDetails.Field.allCases where before?[field] != details[field] {
            edits[.detail(field)] = details[field] ?? ""
        }
        return edits
    }

    private static func shownTag(_ details: ProfileDetails) -> LanguageTag? {
        details.translations.keys.compactMap(\.tag).min { $0.rawValue < $1.rawValue }
    }

    /// What the fields have for what is kept.
    static func texts(_ details: ProfileDetails) -> [String: String] {
        var texts = Dictionary(uniqueKeysWithValues: details.values.map { ($0.key.rawValue, $0.value) })
        guard let tag = shownTag(details) else { return texts }
        texts[ProfileForm.tag] = tag.rawValue
        for claim in translated { texts[field(claim)] = details.translations[ClaimName(claim, tag)] }
        return texts
    }
}

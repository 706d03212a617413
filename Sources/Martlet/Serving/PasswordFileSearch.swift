import AuthorizationServer
import Glibc
import Identity

/// Finds the words that passwords are made of, and the filter of breached ones.
///
/// Where they are not found, nothing starts: without them any password would be good enough.
enum PasswordFileSearch {
    private static let words = "/words.txt"
    private static let shippedFilter = "/common.filter"

    /// The first folder that holds the words.
    static func find(executable: String, templates: String?) -> String? {
        candidates(executable: executable, templates: templates).first { access($0 + words, R_OK) == 0 }
    }

    /// Beside the templates, wherever those are: as in a checkout, and as a package puts them.
    static func candidates(executable: String, templates: String?) -> [String] {
        let folders = (templates.map { [$0] } ?? []) + TemplateSearch.candidates(executable: executable)
        let parents = folders.map {
            SmallFile.folder(of: $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0)
        }
        return parents.flatMap { [$0 + "/deploy/passwords", $0 + "/passwords"] }
    }

    /// Who judges passwords, with the files opened and checked.
    static func judge(
        _ settings: PasswordSettings, templates: String?, issuer: Issuer?, fetch: (any WebFetch)? = nil
    ) throws(CommandFailure) -> PasswordJudge {
        guard let folder = folder(settings, templates: templates) else {
            throw CommandFailure(
                .configuration,
                "the words that passwords are made of are not where they are looked for; name the folder of words.txt with "
                    + Setting.passwordFiles.rawValue)
        }
        var service: BreachedRange?
        if let address = settings.range, let fetch { service = BreachedRange(address: address, fetch: fetch) }
        return PasswordJudge(
            rules: settings.rules, words: try openWords(folder + words),
            breached: try filter(settings, templates: templates).map(openFilter), service: service,
            siteWords: settings.words + (issuer.map { [$0.origin] } ?? []))
    }

    private static func folder(_ settings: PasswordSettings, templates: String?) -> String? {
        settings.folder ?? find(executable: TemplateSearch.ownExecutable, templates: templates)
    }

    /// Where the filter is that the settings mean; nil for none.
    static func filter(_ settings: PasswordSettings, templates: String?) -> String? {
        switch settings.filter {
        case .none: nil
        case .file(let path): path
        case .shipped: folder(settings, templates: templates).map { $0 + shippedFilter }
        }
    }

    /// A filter, checked as far as it is at a start.
    static func openFilter(_ path: String) throws(CommandFailure) -> BreachedPasswords {
        do {
            return try BreachedPasswords(path: path)
        } catch {
            throw CommandFailure(
                .configuration,
                "the filter of breached passwords \(Console.visible(path)) cannot be used: \(error). Make one with martlet "
                    + "passwords build-filter")
        }
    }

    private static func openWords(_ path: String) throws(CommandFailure) -> WordList {
        let complaint: String
        do {
            return try WordList(path: path)
        } catch {
            complaint =
                switch error {
                case .unreadable(let words): words
                case .malformed(let line): "line \(line) is not a word, a rank and a kind, or not in order"
                case .empty: "it is empty"
                }
        }
        throw CommandFailure(.configuration, "the list of words \(Console.visible(path)) cannot be used: \(complaint)")
    }
}

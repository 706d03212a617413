import Identity

/// What is asked of passwords that are chosen.
struct PasswordSettings: Sendable, Equatable {
    /// Which filter of breached passwords is asked.
    enum Filter: Sendable, Equatable {
        /// The one that comes along.
        case shipped
        case file(String)
        case none
    }

    var rules = PasswordRules()
    /// The operator's own words.
    var words: [String] = []
    /// Nil for where they are looked for.
    var folder: String?
    var filter = Filter.shipped
    /// The address of a service; nil for none.
    var range: String?
}

extension SettingsReader {
    /// What is asked of passwords that are chosen; what is not set keeps its default.
    mutating func passwords() -> PasswordSettings {
        var passwords = PasswordSettings()
        if let length = number(.passwordLength) { passwords.rules.minimumLength = length }
        if let length = number(.passwordLengthWithSecondFactor) {
            passwords.rules.minimumLengthWithSecondFactor = length
        }
        if passwords.rules.minimumLengthWithSecondFactor > passwords.rules.minimumLength {
            report(
                .passwordLengthWithSecondFactor, "is more than is asked for without a second factor",
                "Write \(passwords.rules.minimumLength) at most.")
        }
        if let score = number(.passwordScore) { passwords.rules.minimumScore = score }
        passwords.words = list(.passwordWords).filter { !$0.isEmpty }
        if let folder = text(.passwordFiles) {
            if !SmallFile.isFolder(folder) {
                report(
                    .passwordFiles, "names no folder", "Name the folder that holds words.txt, or remove the setting.")
            }
            passwords.folder = folder
        }
        switch text(.passwordFilter) {
        case nil: break
        case "none": passwords.filter = .none
        case let path?: passwords.filter = .file(path)
        }
        if let address = text(.passwordRange) {
            if !address.hasPrefix("https://") || address.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
                report(
                    .passwordRange, "is no https address",
                    "Write one such as https://api.pwnedpasswords.com/range/, to which five digits are added.")
            }
            passwords.range = address
        }
        return passwords
    }
}

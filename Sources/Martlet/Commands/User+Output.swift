import JSON
import OAuthTypes
import Stores

extension User {
    /// The members that programs read; never the hash.
    func write(to writer: inout JSONWriter) {
        writer.member("sub", id.rawValue)
        writer.member("email", email.rawValue)
        writer.member("email_verified", isEmailVerified)
        writer.member("name", name)
        writer.member("has_password", passwordHash != nil)
        writer.member("disabled", disabledAt != nil)
        writer.member("created_at", createdAt.internetDate)
    }
}

extension Option {
    static let email = once("--email", "EMAIL", "The e-mail address of the account.")
    static let weakPassword = flag(
        "--allow-weak-password",
        "Take a password that people could not choose, as long as it has 8 characters."
    )
    static let passwordFromInput = flag(
        "--password-stdin",
        "Read the password from standard input, up to the first line break; at a terminal it is asked for."
    )
}

extension CommandUsage.Operand {
    static let email = CommandUsage.Operand(
        name: "EMAIL", summary: "The e-mail address of the account; --email does the same.")
}

import Mustache

/// The form through which the page's script signs in with a passkey: the key `passkey` of the pages that include the
/// partial `passkey-form`.
///
/// Stays hidden without script. The script asks `optionsURL` what to sign, posting `optionsToken` as `csrf` and `place`, and
/// the form then posts `csrf`, `passkey`, `passkey-challenge` and, as the page's own form would, `stay` to where the page's own form goes.
public struct PasskeyForm: Equatable, Sendable {
    /// Where the script asks what is to be signed.
    public let optionsURL: String
    /// The token against forged questions.
    public let optionsToken: String
    /// What a password waits for; empty where nobody is known yet.
    public let place: String

    /// A form.
    public init(optionsURL: String, optionsToken: String, place: String = "") {
        self.optionsURL = optionsURL
        self.optionsToken = optionsToken
        self.place = place
    }

    var value: MustacheValue {
        ["optionsURL": .link(optionsURL), "optionsToken": .string(optionsToken), "place": .string(place)]
    }

    static let example = PasskeyForm(optionsURL: "/passkey/options", optionsToken: "Yk3J0", place: "8f2c1d")
}

public import Mustache

/// A challenge on a page: the key `challenge` of the pages whose form includes the partial `challenge`.
///
/// The form posts `challenge` and `challenge-solution`, or the field of the provider's widget.
public enum ChallengeBox: Equatable, Sendable {
    /// A puzzle for the page's script; without script the form is taken after so many seconds.
    case work(token: String, text: String, bits: Int, rounds: Int, waitSeconds: Int)
    /// A provider's widget: the class of its element, the key of the site, the address of its script.
    case widget(elementClass: String, siteKey: String, script: String, purpose: String)

    /// What the partial is rendered with.
    public var value: MustacheValue {
        switch self {
        case .work(let token, let text, let bits, let rounds, let waitSeconds):
            [
                "work": [
                    "token": .string(token), "text": .string(text), "bits": .integer(bits), "rounds": .integer(rounds),
                    "wait": ShownWait.value(waitSeconds),
                ],
                "widget": .null,
            ]
        case .widget(let elementClass, let siteKey, let script, let purpose):
            [
                "work": .null,
                "widget": [
                    "class": .string(elementClass), "siteKey": .string(siteKey), "script": .link(script),
                    "purpose": .string(purpose),
                ],
            ]
        }
    }
}

extension ChallengeBox {
    /// Why a form was not taken yet.
    public enum Problem: Equatable, Sendable {
        /// There was no answer, or a wrong or an old one.
        case failed
        /// Without script it takes so many seconds more.
        case tooEarly(seconds: Int)
        /// The provider did not answer; another challenge is in its place.
        case unavailable
    }
}

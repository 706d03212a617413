public import Mustache

/// How good a password is, on a page that asks for a new one: the key `advice` of pages that include the partial
/// `password-advice`.
///
/// The page holds every message; script shows those that the server names while somebody types. Without script the page
/// shows what was wrong with the password that was sent.
public struct PasswordAdvice: Equatable, Sendable {
    /// A message of the partial; the raw value is what the server's verdict calls it.
    public enum Message: String, Sendable, CaseIterable {
        // Why it is not taken.
        case tooShort, tooLong, breached, tooWeak
        // What makes it easy to guess.
        case commonPassword, nearCommonPassword, word, name, ownWord, keyboard, repeats, sequence, date
        // What would help.
        case addWords, capitals, substitutions, reversal, nothingPersonal, another
    }

    /// The fewest characters.
    public let minimumLength: Int
    /// What is shown at first; empty where nothing was sent yet.
    public let messages: Set<Message>
    /// Where the script asks, and the token that proves that this page asks.
    public let address: String
    /// The token of those questions.
    public let token: String
    /// Whether the account has a second factor.
    public let hasSecondFactor: Bool

    /// Advice.
    public init(
        minimumLength: Int, messages: Set<Message> = [], address: String, token: String, hasSecondFactor: Bool = false
    ) {
        self.minimumLength = minimumLength
        self.messages = messages
        self.address = address
        self.token = token
        self.hasSecondFactor = hasSecondFactor
    }

    /// What the partial is rendered with.
    public var value: MustacheValue {
        var members: [String: MustacheValue] = [
            "minimumLength": .count(minimumLength), "any": .bool(!messages.isEmpty), "address": .link(address),
            "token": .string(token), "secondFactor": .bool(hasSecondFactor),
        ]
        for message in Message.allCases { members[message.rawValue] = .bool(messages.contains(message)) }
        return .object(members)
    }

    /// Advice with everything on it.
    public static let example = PasswordAdvice(
        minimumLength: 15, messages: Set(Message.allCases), address: "/password-strength", token: "Yk3J0",
        hasSecondFactor: true)
}

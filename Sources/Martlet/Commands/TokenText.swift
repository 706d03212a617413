import JSON
import OAuthTypes

/// The parts of a token for people.
enum TokenText {
    /// Claims that are moments: RFC 7519 §4.1, OpenID Connect Core §2, §5.1.
    private static let moments: Set<String> = ["exp", "nbf", "iat", "auth_time", "updated_at"]

    /// Header and claims, a line for each member.
    static func of(_ token: DecodedToken, at now: Timestamp) -> String {
        var parts = ["Header\n" + lines(token.header, at: now)]
        if let claims = token.claims {
            parts.append("Claims\n" + lines(claims, at: now))
        } else {
            parts.append("The claims are encrypted.")
        }
        return parts.joined(separator: "\n\n")
    }

    private static func lines(_ members: JSONObject, at now: Timestamp) -> String {
        let names = members.map { Console.visible($0.name) }
        let width = names.map(\.count).max() ?? 0
        return zip(names, members).map { name, member in
            let value = moments.contains(member.name) ? moment(member.value, at: now) : nil
            return "  " + name + String(repeating: " ", count: width - name.count) + "  "
                + (value ?? self.value(member.value))
        }.joined(separator: "\n")
    }

    /// A value on one line.
    static func value(_ value: JSONValue) -> String {
        Console.visible(value.string ?? String(decoding: value.jsonBytes(), as: UTF8.self))
    }

    /// A moment with its distance from now; nil for what is none.
    static func moment(_ value: JSONValue?, at now: Timestamp) -> String? {
        guard let number = value?.number, number.magnitude < 1e11 else { return nil }
        let seconds = Int64(number)
        let distance = seconds - now.seconds
        let text = TokenText.distance(distance.magnitude)
        let relation = distance == 0 ? "now" : distance < 0 ? text + " ago" : "in " + text
        return "\(Timestamp(seconds: seconds).internetDate) (\(relation))"
    }

    /// A time in the unit that tells most.
    static func distance(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86400) days"
        }
    }
}

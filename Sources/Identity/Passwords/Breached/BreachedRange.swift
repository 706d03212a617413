/// Asks a service that knows breached passwords by their SHA-1, in the manner of Have I Been Pwned.
///
/// Only the first five hexadecimal digits leave this machine; the answer has every known password that begins so. It is
/// asked besides the filter, never instead: where it does not answer, nobody is kept waiting or turned away.
public struct BreachedRange: Sendable {
    private let address: String
    private let fetch: any WebFetch

    /// Who is to be asked; `address` is the service's, such as `https://api.pwnedpasswords.com/range/`.
    public init(address: String, fetch: any WebFetch) {
        self.address = address.hasSuffix("/") ? address : address + "/"
        self.fetch = fetch
    }

    /// Whether the service knows the password; false where it does not answer.
    func contains(_ password: Password) async -> Bool {
        let digits = PasswordKey(password).hexadecimal
        // Padded answers are all of a length: whoever watches the wire learns nothing from it.
        let answer = try? await fetch.get(address + digits.prefix(5), fields: [("Add-Padding", "true")])
        guard let answer else { return false }
        return BreachedRange.lists(Array(digits.dropFirst(5).utf8), in: answer)
    }

    /// Whether an answer, `REST:COUNT` a line, has a rest with a count above zero: padding has a count of zero.
    static func lists(_ rest: [UInt8], in answer: [UInt8]) -> Bool {
        answer.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }).contains { line in
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
            guard parts.count == 2, parts[0].count == rest.count, parts[1].contains(where: { $0 != UInt8(ascii: "0") })
            else { return false }
            // Small letters mean the same digits.
            return zip(parts[0], rest).allSatisfy { $0 == $1 || $0 & 0xDF == $1 && $1 >= UInt8(ascii: "A") }
        }
    }
}

import HTTP
import Identity
import JSON

extension AuthProblem {
    /// Writes it as RFC 9457 says; `supportCode` is what the log knows the request by.
    func encode(to writer: inout JSONWriter, documentURL: String, supportCode: String) {
        writer.object { writer in
            writer.member("type", documentURL + "#/x-problems/" + code.rawValue)
            writer.member("title", code.title)
            writer.member("status", Int(code.status.rawValue))
            writer.member("code", code.rawValue)
            writer.member("supportCode", supportCode)
            if !errors.isEmpty {
                writer.array("errors") { writer in
                    for field in errors {
                        writer.element {
                            $0.member("pointer", field.pointer)
                            if !field.reasons.isEmpty { $0.member("reasons", field.reasons) }
                        }
                    }
                }
            }
            writer.member("retryAfter", retryAfter)
            writer.member("attemptsLeft", attemptsLeft)
            if let challenge {
                writer.object("challenge") {
                    $0.member("token", challenge.token)
                    $0.member("text", challenge.text)
                    $0.member("bits", challenge.bits)
                    $0.member("rounds", challenge.rounds)
                }
            }
        }
    }

    /// What it looks like.
    static let schema = JSONSchema.named(
        "Problem",
        .object([
            .required("type", .text(TextRule(length: 1...2048, shape: .uri))),
            .required("title", .text(TextRule(length: 1...200, shape: .oneLine))),
            .required("status", .count()),
            .required("code", .words(Code.allCases.map(\.rawValue))),
            .required(
                "supportCode", .text(TextRule(length: 1...128, shape: .oneLine), about: "What the log knows it by.")),
            .optional(
                "errors",
                .list(
                    .object([
                        .required(
                            "pointer",
                            .text(TextRule(length: 0...200, shape: .oneLine), about: "A JSON pointer (RFC 6901).")),
                        .optional("reasons", .list(.text(TextRule(length: 1...40, shape: .oneLine)), 1...20)),
                    ]), 1...10)),
            .optional("retryAfter", .count(about: "Seconds after which the same request may succeed.")),
            .optional("attemptsLeft", .count(about: "How many guesses are left.")),
            .optional("challenge", puzzle),
        ]))

    private static let puzzle = JSONSchema.named(
        "Challenge",
        .object([
            .required(
                "token", .text(TextRule(length: 1...128, shape: .base64url), about: "Goes back with the solution.")),
            .required("text", .text(TextRule(length: 1...64, shape: .base64url), about: "What is hashed.")),
            .required("bits", .count(about: "Zero bits that each hash begins with.")),
            .required(
                "rounds",
                .count(
                    about:
                        "For each round from 0 a number is wanted for which SHA-256 of text, a dot, the round, a dot "
                        + "and the number, in ASCII, begins with these zero bits.")),
        ]))
}

import Glibc
import JSON

/// Shows what a token says, without believing it.
struct TokenDecodeCommand: Command {
    static let usage = CommandUsage(
        words: ["token", "decode"],
        summary: "Show what a token says, without verifying it.",
        discussion: """
            The token is read from standard input, up to the first line break; "Bearer"
            before it does no harm. Nothing is verified: anybody can write such a token.
            """,
        options: [.json],
        examples: [
            CommandUsage.Example(
                purpose: "Whom a token is for", command: "martlet token decode --json < token | jq .claims.aud")
        ]
    )

    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        do {
            show(try DecodedToken.read(console), console)
            exit(ExitStatus.success.rawValue)
        } catch {
            let ending = Ending(of: error)
            console.complain(ending.text)
            exit(ending.status.rawValue)
        }
    }

    private func show(_ token: DecodedToken, _ console: Console) {
        guard !isJSON else {
            return console.print { writer in
                writer.object { writer in
                    writer.member("verified", false)
                    writer.member("header", token.header)
                    writer.member("claims", token.claims)
                }
            }
        }
        console.print("NOT VERIFIED: anybody can write this. Ask `martlet token verify` whether it is true.\n")
        console.print(TokenText.of(token, at: SystemClock().now))
        if let length = token.signatureLength {
            console.print("\nA signature of \(length) bytes, which was not looked at.")
        }
    }
}

import Glibc

/// The program: reads the command line and does what it says.
@main
struct Program {
    static func main() {
        let console = Console()
        do {
            switch try Invocation(Array(CommandLine.arguments.dropFirst())) {
            case .help(let text): console.print(String(text.trimmedEnd))
            case .version: console.print("martlet \(Version.text)")
            case .command(let command): try command.run(.ofProcess(), console)
            }
        } catch {
            let ending = Ending(of: error)
            console.complain(ending.text)
            exit(ending.status.rawValue)
        }
    }
}

extension String {
    /// Without the line break at its end, which printing adds.
    fileprivate var trimmedEnd: Substring { hasSuffix("\n") ? dropLast() : self[...] }
}

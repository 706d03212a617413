import Glibc
import Identity
import JSON
import OAuthTypes

/// Makes a filter of breached passwords from a list.
struct PasswordsBuildFilterCommand: Command {
    static let usage = CommandUsage(
        words: ["passwords", "build-filter"],
        summary: "Make a filter of breached passwords from a list.",
        discussion: """
            The list has a password a line, or its SHA-1 in hexadecimal with or without a
            colon and a count, as Have I Been Pwned gives them out; both may be mixed. Words
            of fewer than 8 characters are left out: nobody can choose them anyway.

            The filter takes 22 bits a password and takes one other password in a million for
            one of the list. It is written beside the list's name, with .filter at its end,
            unless --output says otherwise, and gets its name when it is whole. A thousand
            million passwords take 200 MiB of memory and 8 GB of disk meanwhile.

            Name it in MARTLET_PASSWORD_FILTER and start the server anew. A filter that is in
            use is replaced, never changed: the servers that have it go on with the old one.
            """,
        operand: CommandUsage.Operand(name: "LIST", summary: "The file with the list, or - for standard input."),
        options: [output, .json],
        examples: [
            CommandUsage.Example(
                purpose: "From a list in several files",
                command:
                    "zcat lists/*.gz |\n      martlet passwords build-filter - --output /etc/martlet/breached.filter")
        ]
    )

    private static let output = Option.once("--output", "FILE", "The file to write.")
    private static let pieceLength = 1 << 18

    private let list: String
    private let target: String
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        guard let operand = arguments.operand else { throw UsageError("LIST is missing", in: Self.usage.words) }
        guard operand != "-" || arguments.value(Self.output) != nil else {
            throw UsageError("\(Self.output.spelling) is missing: standard input has no name", in: Self.usage.words)
        }
        list = operand
        target = arguments.value(Self.output) ?? operand + ".filter"
        isJSON = arguments.has(.json)
    }

    func run(_ settings: Settings, _ console: Console) throws -> Never {
        let builder = FilterBuilder(output: target, madeAt: SystemClock().now)
        try BackupCommand.removeOnSignals(builder.draftPath)
        let line = StatusLine()
        defer { line.clear() }
        do {
            try read { piece throws(FilterBuilder.Refusal) in
                try builder.add(piece)
                let lines = builder.lines
                if lines.taken.isMultiple(of: 1 << 17) {
                    line.put("Reading: \(FigureText.grouped(lines.taken)) passwords")
                }
            }
            let all = builder.lines.taken
            try builder.finish { done in
                line.put("Writing: \(FigureText.grouped(done)) of \(FigureText.grouped(all))")
            }
        } catch let refusal as FilterBuilder.Refusal {
            line.clear()
            switch refusal {
            case .nothing:
                throw CommandFailure(
                    .badData,
                    "\(Console.visible(list)) holds no password of \(Password.minimumLength) characters or more, nor its SHA-1"
                )
            case .unwritable(let words):
                throw CommandFailure("\(Console.visible(target)) cannot be written: \(words)")
            }
        }
        line.clear()
        try tell(builder.lines, console)
        exit(ExitStatus.success.rawValue)
    }

    private func tell(_ lines: FilterBuilder.Lines, _ console: Console) throws {
        let filter = try PasswordFileSearch.openFilter(target)
        guard !isJSON else {
            console.print { writer in
                writer.object {
                    $0.member("file", target)
                    filter.write(to: &$0)
                    $0.member("too_short", lines.tooShort)
                    $0.member("unusable", lines.unusable)
                }
            }
            return
        }
        console.print("Wrote \(Console.visible(target)): \(filter.summary).")
        let left = [(lines.tooShort, "too short"), (lines.unusable, "no text, or too long")].filter { $0.0 > 0 }
        guard !left.isEmpty else { return }
        console.print(
            "Left out: " + left.map { "\(FigureText.grouped($0.0)) lines (\($0.1))" }.joined(separator: ", ") + ".")
    }

    /// Hands over every line; one that is longer than any password comes cut, which is still too long.
    private func read(_ take: (ArraySlice<UInt8>) throws(FilterBuilder.Refusal) -> Void) throws {
        let descriptor = list == "-" ? 0 : open(list, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable() }
        defer { if descriptor > 0 { close(descriptor) } }
        let limit = Password.byteLimit + 2
        var (piece, rest): ([UInt8], [UInt8]) = (.init(repeating: 0, count: Self.pieceLength), [])
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable() }
            guard count > 0 else { break }
            var start = 0
            while let end = piece[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
                if rest.isEmpty {
                    try take(piece[start..<end])
                } else {
                    rest += piece[start..<end].prefix(max(0, limit - rest.count))
                    try take(rest[...])
                    rest.removeAll(keepingCapacity: true)
                }
                start = end + 1
            }
            rest += piece[start..<count].prefix(max(0, limit - rest.count))
        }
        if !rest.isEmpty { try take(rest[...]) }
    }

    private func unreadable() -> CommandFailure {
        CommandFailure("\(Console.visible(list)) cannot be read: \(SmallFile.Failure.last)")
    }
}

extension BreachedPasswords {
    /// What it is, for people.
    var summary: String {
        "\(FigureText.grouped(count)) \(count == 1 ? "password" : "passwords") in \(FigureText.grouped(size)) bytes, "
            + "\((bitsPerPassword * 10).rounded() / 10) bits each; takes one other password in "
            + "\(FigureText.grouped(FigureText.lower(1 / falseAlarms))) for one of them"
    }

    /// What it is, for programs.
    func write(to writer: inout JSONWriter) {
        writer.member("passwords", count)
        writer.member("bytes", size)
        writer.member("bits_per_password", bitsPerPassword)
        writer.member("false_alarms", falseAlarms)
        writer.member("made_at", madeAt.internetDate)
    }
}

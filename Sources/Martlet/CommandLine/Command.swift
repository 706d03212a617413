/// One thing that the program does.
protocol Command: Sendable {
    static var usage: CommandUsage { get }

    /// Reads the arguments; nothing has been opened yet.
    init(_ arguments: Arguments) throws(UsageError)

    /// Does it; to be called by the first thread, which it may block.
    func run(_ settings: Settings, _ console: Console) throws -> Never
}

/// How the program ends, after sysexits.h: scripts tell failures apart by it.
enum ExitStatus: Int32, Sendable {
    case success = 0
    /// It could not be done, and the sentence on standard error says why.
    case failure = 1
    /// There is something to do, and it was asked for that alone: `migrate --dry-run`.
    case pending = 2
    /// An unknown command or option, or one that is missing.
    case usage = 64
    /// What was given is not fit to be stored: a weak secret, a redirect URI that cannot be registered.
    case badData = 65
    /// The database cannot be reached.
    case unavailable = 69
    /// Somebody else was faster: look at what is there now, and try again.
    case conflict = 75
    /// The settings are wrong.
    case configuration = 78
}

/// Why a command ends early: a status and the sentence for standard error.
struct CommandFailure: Error, Equatable {
    let status: ExitStatus
    let sentence: String

    init(_ status: ExitStatus, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }

    /// An ordinary failure.
    init(_ sentence: String) {
        self.init(.failure, sentence)
    }
}

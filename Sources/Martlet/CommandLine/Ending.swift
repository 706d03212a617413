import AuthorizationServer
import Identity
import JOSE
import OAuthTypes
import Reactor
import Stores

/// How an error ends the program: the one place where errors become exit statuses and sentences.
struct Ending: Equatable {
    let status: ExitStatus
    /// For standard error.
    let text: String

    init(of error: any Error) {
        switch error {
        case let error as UsageError:
            let command = (["martlet"] + error.command).joined(separator: " ")
            let stop = error.sentence.hasSuffix("?") ? "" : "."
            self.init(.usage, "\(command): \(error.sentence)\(stop)\nTry: \(command) --help")
        case let error as ConfigurationError:
            self.init(.configuration, "martlet: \(error)")
        case let error as CommandFailure:
            self.init(error.status, "martlet: \(error.sentence)")
        case let error as StorageError:
            self.init(Ending.status(of: error), "martlet: \(error)")
        case let error as KeyRotation.Refusal:
            self.init(.failure, "martlet: \(CommandFailure(error).sentence)")
        case let error as Accounts.Refusal:
            let failure = CommandFailure(error)
            self.init(failure.status, "martlet: \(failure.sentence)")
        default:
            self.init(.failure, "martlet: \(error)")
        }
    }

    private init(_ status: ExitStatus, _ text: String) {
        self.status = status
        self.text = text
    }

    private static func status(of error: StorageError) -> ExitStatus {
        switch error {
        case .conflict, .damaged, .failed: .failure
        case .busy, .unavailable, .outcomeUnknown, .closed, .full, .readOnly, .inaccessible, .corrupt, .foreign,
            .schemaFromTheFuture, .schemaOutdated, .schemaChanged, .moved:
            .unavailable
        }
    }
}

extension CommandFailure {
    /// What a refusal of the account rules means to an operator.
    init(_ refusal: Accounts.Refusal) {
        self =
            switch refusal {
            case .invalidEmail: CommandFailure(.badData, "that is not an e-mail address")
            case .invalidName:
                CommandFailure(.badData, "the name is longer than 200 characters or has control characters")
            case .unfitPassword:
                CommandFailure(
                    .badData,
                    "the password must have at least \(Password.minimumLength) characters and \(Password.byteLimit) bytes at most"
                )
            case .refusedPassword(let verdict):
                CommandFailure(
                    .badData,
                    "people may not choose this password. " + verdict.text.split(separator: "\n").joined(separator: " ")
                        + " Choose another, or write --allow-weak-password")
            case .taken: CommandFailure("there is an account with that e-mail address already")
            case .unknown: CommandFailure("there is no account with that e-mail address")
            }
    }
}

extension CommandFailure {
    /// Why a signing key does not take a step, with the moment when it may.
    init(_ refusal: KeyRotation.Refusal) {
        self =
            switch refusal {
            case .unpublished(_, let moment):
                CommandFailure(
                    "\(refusal). Rotate at \(moment.internetDate) or later; if the current key is known to "
                        + "somebody else, use `martlet keys revoke`")
            default: CommandFailure("\(refusal)")
            }
    }
}

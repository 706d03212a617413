import Glibc
import Reactor

/// The right to copy SQLite's log into the database file, which one process at a time has: of a server and its
/// successor, or of two that were started by mistake.
///
/// A lock on a file of its own beside the database (`…-copier`), and never on one of SQLite's: to close a descriptor of
/// those would drop the locks that the library has on them. It ends with the process, however that ends.
final class CopyRight: Sendable {
    private enum State {
        case open, taken(Int32?)
    }

    private let path: String
    private let state = Locked(State.open)

    init(path: String) {
        self.path = path + "-copier"
    }

    deinit { give() }

    /// Whether this process has it.
    var isOurs: Bool { state.withLock { if case .taken = $0 { true } else { false } } }

    /// Takes it, unless another process has it.
    func take() {
        state.withLock { state in
            guard case .open = state else { return }
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                // A log that nobody copies would fill the disk, which is the worse of the two.
                state = .taken(nil)
                return
            }
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                close(descriptor)
            } else {
                state = .taken(descriptor)
            }
        }
    }

    /// Gives it back.
    func give() {
        state.withLock { state in
            if case .taken(let descriptor?) = state { close(descriptor) }
            state = .open
        }
    }
}

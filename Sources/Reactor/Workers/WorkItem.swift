/// One piece of work of a pool.
///
/// Finished once: by a thread that runs it, or by a refusal, whichever comes first.
final class WorkItem: Sendable {
    /// Runs the work if there is no refusal, and resumes the task.
    typealias Finisher = @Sendable ((any Error)?) -> Void

    private enum State {
        case new
        case waiting(Finisher)
        case refusedEarly(any Error)
        case finished
    }

    private let state = Locked(State.new)

    /// Says how to finish.
    ///
    /// If the item was refused before it came so far, it is finished here.
    func begin(_ finisher: @escaping Finisher) {
        let refusal: (any Error)? = state.withLock { state in
            if case .refusedEarly(let refusal) = state {
                state = .finished
                return refusal
            }
            state = .waiting(finisher)
            return nil
        }
        if let refusal { finisher(refusal) }
    }

    /// Runs or refuses the work; false if that was done before.
    @discardableResult
    func finish(refusal: (any Error)?) -> Bool {
        let finisher: Finisher? = state.withLock { state in
            switch state {
            case .waiting(let finisher):
                state = .finished
                return finisher
            case .new:
                if let refusal { state = .refusedEarly(refusal) }
                return nil
            case .refusedEarly, .finished:
                return nil
            }
        }
        finisher?(refusal)
        return finisher != nil
    }
}

import Glibc

/// A thread that can be waited for.
struct Thread: Sendable {
    private let handle: pthread_t

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts it on the processors that the calling thread may use.
    init(_ run: @escaping @Sendable () -> Void) throws {
        let body = Unmanaged.passRetained(Body(run))
        var handle = pthread_t()
        let code = pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw BenchFailure("no thread: " + String(cString: strerror(code)))
        }
        self.handle = handle
    }

    /// The processor time that it has used, in seconds.
    var processorTime: Double {
        var clock = clockid_t()
        return pthread_getcpuclockid(handle, &clock) == 0 ? Rate.processorTime(of: clock) : 0
    }

    func join() { pthread_join(handle, nil) }
}

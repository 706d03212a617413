@preconcurrency import Glibc
import JOSE

/// The variables that this process was started with.
///
/// Only `take` changes them, before there is a second thread, so that they can be read without a lock.
enum ProcessEnvironment {
    /// The variables, `NAME=value` each.
    static var variables: [String] {
        var variables: [String] = []
        while let variable = environ[variables.count] { variables.append(String(cString: variable)) }
        return variables
    }

    /// The value of a variable, which is gone afterwards, also from what `/proc` shows of this process.
    static func take(_ name: String) -> Secret? {
        guard let value = getenv(name) else { return nil }
        let count = strlen(value)
        let secret = Secret(UnsafeRawBufferPointer(start: value, count: count).bindMemory(to: UInt8.self).span)
        // Where the kernel put it: /proc/PID/environ reads from there.
        memset(value, 0, count)
        unsetenv(name)
        return secret
    }
}

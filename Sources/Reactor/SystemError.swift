internal import Glibc

/// A system call that failed.
public struct SystemError: Error, Sendable, Hashable {
    /// The call, such as `bind`.
    public let call: String
    /// The value of `errno`.
    public let code: Int32

    /// A failed call; reads `errno` unless told.
    init(_ call: String, code: Int32 = errno) {
        self.call = call
        self.code = code
    }
}

extension SystemError: CustomStringConvertible {
    /// The call and the system's words for the error.
    public var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}

/// The log: one JSON object a line, with `time`, `level`, `event` and what belongs to the event.
///
/// Any thread may write; none waits for the descriptor. An event is a word that stands in the source, so that operators
/// can count and alert on it; what varies goes into fields.
///
/// ```swift
/// log.info("keys.rotated", .harmless("kid", id))
/// ```
public final class Log: Sendable {
    /// Lines below it are not written.
    public let level: LogLevel
    let output: LogOutput

    /// Bytes of lines that may wait to be written.
    public static let bufferLimit = 1024 * 1024

    /// A log that writes to a descriptor, standard output unless told; starts a thread.
    public init(level: LogLevel, descriptor: Int32 = 1, bufferLimit: Int = Log.bufferLimit) {
        self.level = level
        output = LogOutput(descriptor: descriptor, limit: bufferLimit)
    }

    /// Writes a line for somebody who looks for a fault.
    public func debug(_ event: StaticString, _ fields: LogField...) { write(.debug, event, fields) }
    /// Writes a line about something normal.
    public func info(_ event: StaticString, _ fields: LogField...) { write(.info, event, fields) }
    /// Writes a line about something to look at.
    public func warning(_ event: StaticString, _ fields: LogField...) { write(.warning, event, fields) }
    /// Writes a line about something that did not work.
    public func error(_ event: StaticString, _ fields: LogField...) { write(.error, event, fields) }

    /// Writes what is left, waiting a few seconds at most, and takes no more lines.
    public func close() { output.close(waitingSeconds: 2) }

    private func write(_ level: LogLevel, _ event: StaticString, _ fields: [LogField]) {
        guard level >= self.level else { return }
        output.write(Log.line(level, event, fields).span)
    }

    /// A line with its end.
    static func line(_ level: LogLevel, _ event: StaticString, _ fields: [LogField]) -> [UInt8] {
        let bound = headBound(event) + fields.reduce(0) { $0 + $1.bound }
        return [UInt8](capacity: bound) { line in
            line.beginLine(level, event)
            for field in fields { line.append(field) }
            line.endLine()
        }
    }
}

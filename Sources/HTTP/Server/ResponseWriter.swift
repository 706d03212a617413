/// Turns answers into bytes: RFC 9112 §4, §6.
enum ResponseWriter {
    /// What an answer looks like on this connection.
    struct Context {
        let isHead: Bool
        let mustClose: Bool
        let id: RequestID
        let date: [UInt8]
    }

    /// What was written, for the log.
    struct Written {
        let status: Status
        let contentBytes: Int
    }

    /// Appends a whole answer.
    ///
    /// One that cannot be sent as it is turns into a plain 500, which `wasRefused` tells.
    static func write(
        _ response: borrowing Response,
        to request: borrowing Request,
        _ context: Context,
        into out: inout [UInt8],
        wasRefused: inout Bool
    ) -> Written {
        if let prepared = response.prepared {
            return write(prepared, isHeld: prepared.isHeld(by: request), context, into: &out)
        }
        let status = response.status
        guard !response.headers.hasRefusedField, status.rawValue >= 200, status.rawValue <= 599 else {
            wasRefused = true
            return write(.failure, context, into: &out)
        }
        return write(response, context, into: &out)
    }

    /// Appends an answer that is known to be good.
    static func write(_ response: borrowing Response, _ context: Context, into out: inout [UInt8]) -> Written {
        let status = response.status
        beginHead(status, context, into: &out)
        if response.headers.hasServerField {
            out += response.headers.withoutServerFields().bytes
        } else {
            out += response.headers.bytes
        }
        switch response.body {
        case .bytes(let bytes): return end(bytes, status, context, into: &out)
        case .empty: return end([], status, context, into: &out)
        }
    }

    private static func write(
        _ prepared: PreparedResponse,
        isHeld: Bool,
        _ context: Context,
        into out: inout [UInt8]
    ) -> Written {
        if isHeld {
            beginHead(.notModified, context, into: &out)
            out += prepared.notModifiedHead
            return end([], .notModified, context, into: &out)
        }
        beginHead(prepared.status, context, into: &out)
        out += prepared.fullHead
        return end(prepared.body, prepared.status, context, into: &out)
    }

    private static func beginHead(_ status: Status, _ context: Context, into out: inout [UInt8]) {
        if status == .ok {
            append("HTTP/1.1 200 OK\r\nDate: ", to: &out)
        } else {
            append("HTTP/1.1 ", to: &out)
            append(Int(status.rawValue), to: &out)
            out.append(32)
            out += status.reason.utf8
            append("\r\nDate: ", to: &out)
        }
        out += context.date
        append("\r\nX-Request-Id: ", to: &out)
        context.id.forEachByte { out.append($0) }
        append(context.mustClose ? "\r\nConnection: close\r\n" : "\r\n", to: &out)
    }

    private static func end(
        _ body: [UInt8],
        _ status: Status,
        _ context: Context,
        into out: inout [UInt8]
    ) -> Written {
        // RFC 9110 §8.6: no length where there can be no content.
        guard !status.forbidsContent else {
            append("\r\n", to: &out)
            return Written(status: status, contentBytes: 0)
        }
        append("Content-Length: ", to: &out)
        append(body.count, to: &out)
        append("\r\n\r\n", to: &out)
        guard !context.isHead else { return Written(status: status, contentBytes: 0) }
        out += body
        return Written(status: status, contentBytes: body.count)
    }

    private static func append(_ text: StaticString, to out: inout [UInt8]) {
        text.withUTF8Buffer { out.append(contentsOf: $0) }
    }

    private static func append(_ number: Int, to out: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &out) }
        out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}

extension Response {
    /// Says that the program failed, and nothing about how.
    static let failure = Response.text("\(Status.internalServerError)\n", status: .internalServerError)

    /// Says that there are too many requests, and when to try again: RFC 9110 §15.6.4, §10.2.3.
    public static let busy: Response = {
        var response = Response.text(
            "Too much is going on. Please try again in a moment.\n", status: .serviceUnavailable)
        response.headers.add("Retry-After", "2")
        response.headers.add("Cache-Control", "no-store")
        response.notes.isRefusedForLoad = true
        return response
    }()
}

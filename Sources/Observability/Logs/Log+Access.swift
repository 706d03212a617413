extension Log {
    /// Writes the line of one request: no query, no header, no secret in the path.
    ///
    /// The identifier of an interaction gives whoever has it the sign-in of somebody else, so `/interaction/` is shown
    /// without what follows. Formatted in borrowed memory: nothing is allocated unless the path is long.
    ///
    /// - Parameters:
    ///   - id: the request's id.
    ///   - path: the decoded path.
    ///   - bytes: bytes of content sent.
    ///   - peer: the address at the other end.
    ///   - route: the pattern of the route, if one took the request. It stands for the path where it has parameters.
    ///   - client: the client, once it is known for sure.
    ///   - trace: the trace that the caller says it belongs to.
    public func access(
        id: String, method: String, path: String, status: Int, bytes: Int, microseconds: Int, peer: String,
        route: String? = nil, client: String? = nil, trace: UInt128? = nil
    ) {
        guard level <= .info else { return }
        let texts =
            LogText.bound(utf8Count: path.utf8.count) + LogText.bound(utf8Count: id.utf8.count)
            + LogText.bound(utf8Count: method.utf8.count) + LogText.bound(utf8Count: peer.utf8.count)
            + LogText.bound(utf8Count: route?.utf8.count ?? 0) * 2 + LogText.bound(utf8Count: client?.utf8.count ?? 0)
        let bound = Log.headBound("request") + 256 + texts
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bound) { memory in
            var line = OutputSpan(buffer: memory, initializedCount: 0)
            line.beginLine(.info, "request")
            line.append(",\"request_id\":\"")
            line.append(escaping: id)
            line.append("\",\"method\":\"")
            line.append(escaping: method)
            line.append("\",\"path\":\"")
            if let route, route == path || route.utf8.contains(UInt8(ascii: ":")) {
                // What stands for a parameter may be what somebody must not have.
                line.append(escaping: route)
            } else {
                line.append(escaping: shown(path))
            }
            if let route {
                line.append("\",\"route\":\"")
                line.append(escaping: route)
            }
            line.append("\",\"status\":")
            line.append(decimal: Int64(status))
            line.append(",\"bytes\":")
            line.append(decimal: Int64(bytes))
            line.append(",\"microseconds\":")
            line.append(decimal: Int64(microseconds))
            line.append(",\"peer\":\"")
            line.append(escaping: peer)
            if let client {
                line.append("\",\"client_id\":\"")
                line.append(escaping: client)
            }
            if let trace {
                line.append("\",\"trace_id\":\"")
                line.append(hexadecimal: trace, digits: 32)
            }
            line.append("\"")
            line.endLine()
            output.write(line.span)
        }
    }

    /// The path with what may stand in a log.
    private func shown(_ path: String) -> String {
        let utf8 = path.utf8
        guard var index = utf8.firstIndex(of: UInt8(ascii: "/")) else { return path }
        // The issuer may have a path of its own, so the word is looked for anywhere.
        while true {
            if path[index...].utf8.starts(with: Log.interactionPath) {
                return String(path[..<utf8.index(index, offsetBy: Log.interactionPath.count)]) + "-"
            }
            guard let next = utf8[utf8.index(after: index)...].firstIndex(of: UInt8(ascii: "/")) else { return path }
            index = next
        }
    }

    private static let interactionPath = Array("/interaction/".utf8)
}

/// The bytes of a request.
enum RequestText {
    /// A request without content.
    static func get(_ target: String, port: UInt16, _ fields: [String] = [], method: String = "GET") -> [UInt8] {
        bytes("\(method) \(target) HTTP/1.1", port, fields, "")
    }

    /// A posted form.
    static func post(_ target: String, form: String, port: UInt16, _ fields: [String] = []) -> [UInt8] {
        bytes(
            "POST \(target) HTTP/1.1", port,
            fields + ["Content-Type: application/x-www-form-urlencoded", "Content-Length: \(form.utf8.count)"], form)
    }

    private static func bytes(_ line: String, _ port: UInt16, _ fields: [String], _ body: String) -> [UInt8] {
        Array((([line, "Host: 127.0.0.1:\(port)"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }
}

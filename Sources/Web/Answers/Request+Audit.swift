import HTTP
import Identity

extension Request {
    /// Where a security event of this request comes from.
    var auditOrigin: AuditOrigin {
        AuditOrigin(
            requestID: id.description, address: peer.bytes.isEmpty ? nil : peer.description, bytes: peer.bytes,
            userAgent: headers["User-Agent"])
    }
}

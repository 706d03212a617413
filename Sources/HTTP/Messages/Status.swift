/// A status code: RFC 9110 §15.
///
/// Any number can be made; the reason phrase is empty for the ones not named here.
public struct Status: RawRepresentable, Sendable, Hashable {
    /// The code, such as 404.
    public let rawValue: UInt16

    /// Any code; only 100 to 599 can be written to the wire (others turn into 500).
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 200 OK.
    public static let ok = Status(rawValue: 200)
    /// 201 Created.
    public static let created = Status(rawValue: 201)
    /// 202 Accepted.
    public static let accepted = Status(rawValue: 202)
    /// 204 No Content.
    public static let noContent = Status(rawValue: 204)
    /// 301 Moved Permanently.
    public static let movedPermanently = Status(rawValue: 301)
    /// 302 Found.
    public static let found = Status(rawValue: 302)
    /// 303 See Other.
    public static let seeOther = Status(rawValue: 303)
    /// 304 Not Modified.
    public static let notModified = Status(rawValue: 304)
    /// 307 Temporary Redirect.
    public static let temporaryRedirect = Status(rawValue: 307)
    /// 308 Permanent Redirect.
    public static let permanentRedirect = Status(rawValue: 308)
    /// 400 Bad Request.
    public static let badRequest = Status(rawValue: 400)
    /// 401 Unauthorized.
    public static let unauthorized = Status(rawValue: 401)
    /// 403 Forbidden.
    public static let forbidden = Status(rawValue: 403)
    /// 404 Not Found.
    public static let notFound = Status(rawValue: 404)
    /// 405 Method Not Allowed.
    public static let methodNotAllowed = Status(rawValue: 405)
    /// 406 Not Acceptable.
    public static let notAcceptable = Status(rawValue: 406)
    /// 408 Request Timeout.
    public static let requestTimeout = Status(rawValue: 408)
    /// 409 Conflict.
    public static let conflict = Status(rawValue: 409)
    /// 410 Gone.
    public static let gone = Status(rawValue: 410)
    /// 412 Precondition Failed.
    public static let preconditionFailed = Status(rawValue: 412)
    /// 413 Content Too Large.
    public static let contentTooLarge = Status(rawValue: 413)
    /// 414 URI Too Long.
    public static let uriTooLong = Status(rawValue: 414)
    /// 415 Unsupported Media Type.
    public static let unsupportedMediaType = Status(rawValue: 415)
    /// 417 Expectation Failed.
    public static let expectationFailed = Status(rawValue: 417)
    /// 422 Unprocessable Content.
    public static let unprocessableContent = Status(rawValue: 422)
    /// 429 Too Many Requests.
    public static let tooManyRequests = Status(rawValue: 429)
    /// 431 Request Header Fields Too Large.
    public static let headerFieldsTooLarge = Status(rawValue: 431)
    /// 500 Internal Server Error.
    public static let internalServerError = Status(rawValue: 500)
    /// 501 Not Implemented.
    public static let notImplemented = Status(rawValue: 501)
    /// 502 Bad Gateway.
    public static let badGateway = Status(rawValue: 502)
    /// 503 Service Unavailable.
    public static let serviceUnavailable = Status(rawValue: 503)
    /// 504 Gateway Timeout.
    public static let gatewayTimeout = Status(rawValue: 504)
    /// 505 HTTP Version Not Supported.
    public static let versionNotSupported = Status(rawValue: 505)

    /// The phrase that goes with the code on the status line; clients ignore it.
    public var reason: String {
        switch rawValue {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }

    /// Whether an answer with this status never has content: RFC 9110 §6.4.1.
    var forbidsContent: Bool { rawValue == 204 || rawValue == 304 || rawValue < 200 }
}

extension Status: CustomStringConvertible {
    /// Code and phrase.
    public var description: String { "\(rawValue) \(reason)" }
}

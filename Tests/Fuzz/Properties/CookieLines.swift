@testable import HTTP

extension FuzzTarget {
    /// The `Cookie` field, and `Set-Cookie` from the same bytes: RFC 6265.
    static let cookies = FuzzTarget(name: "cookies", longestInput: 256) { bytes throws(Violation) in
        var headers = Headers()
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            headers.add("Cookie", String(decoding: line, as: UTF8.self))
        }
        let request = Request(.get, "/", headers: headers)
        switch Result(catching: request.cookies) {
        case .success(let cookies):
            for name in cookies.names {
                try require(isSame(single(name, of: request), cookies[name]), "one by one they differ", name)
                try require(FieldGrammar.isToken(name.utf8), "a name that is no token", name)
                let value = cookies[name] ?? ""
                try require(!value.utf8.contains(UInt8(ascii: ";")), "a value with a semicolon", value)
                try sendsBackWhatWasSet(SetCookie(name: name, value: value))
            }
        case .failure(.duplicate(let name)):
            try require((try? request.cookie(name)) == nil, "a repeated cookie has a value", name)
        }
    }

    private static func single(_ name: String, of request: Request) -> String? {
        (try? request.cookie(name)) ?? nil
    }

    private static func sendsBackWhatWasSet(_ cookie: SetCookie) throws(Violation) {
        guard let field = cookie.fieldValue else { return }
        let pair = String(field.prefix { $0 != ";" })
        let request = Request(.get, "/", headers: ["Cookie": "x=y; \(pair); z="])
        guard !["x", "z"].contains(cookie.name) else { return }
        try require(isSame(single(cookie.name, of: request), cookie.value), "set and sent back it differs", field)
    }
}

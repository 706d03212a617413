import OAuthTypes

/// Which registered address a refused one comes closest to, and in what it differs.
struct NearestURI: Sendable {
    let sentence: String

    init(of requested: String?, among registered: [RedirectURI], named name: String) {
        guard !registered.isEmpty else {
            sentence = "the client has no \(name) registered"
            return
        }
        guard let requested else {
            sentence =
                "the request has no \(name); registered \(registered.count == 1 ? "is" : "are") "
                + NearestURI.list(registered)
            return
        }
        for uri in registered {
            guard let difference = NearestURI.difference(requested, uri.rawValue) else { continue }
            sentence = "\(name) differs from the registered one \(difference): \(uri.rawValue)"
            return
        }
        sentence = "\(name) resembles none of the registered ones: \(NearestURI.list(registered))"
    }

    private static func list(_ uris: [RedirectURI]) -> String {
        uris.prefix(5).map(\.rawValue).joined(separator: ", ") + (uris.count > 5 ? ", and \(uris.count - 5) more" : "")
    }

    /// What alone sets two addresses apart, in words; nil for more than that.
    private static func difference(_ requested: String, _ registered: String) -> String? {
        func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
        let bare = requested.split(whereSeparator: { $0.isWhitespace }).joined()
        if !isSame(bare, requested), isSame(bare, registered) { return "by white space" }
        if isSame(requested + "/", registered) { return "by a trailing slash, which is missing" }
        if isSame(requested, registered + "/") { return "by a trailing slash" }
        if isSame(requested.lowercased(), registered.lowercased()) { return "by the case of letters" }
        let (mine, theirs) = (Parts(requested), Parts(registered))
        var differing: [String] = []
        if mine.scheme != theirs.scheme { differing.append("by the scheme") }
        if mine.host != theirs.host { differing.append("by the host") }
        if mine.port != theirs.port { differing.append("by the port") }
        if mine.path != theirs.path {
            let isLonger = mine.path.hasPrefix(theirs.path)
            differing.append(isLonger ? "by more of a path" : "by the path")
        }
        if mine.query != theirs.query {
            let (has, wants) = (mine.query != nil, theirs.query != nil)
            differing.append(has && wants ? "by the query" : has ? "by a query" : "by its query, which is missing")
        }
        if mine.fragment != nil { differing.append("by a fragment") }
        return differing.count == 1 ? differing[0] : nil
    }

    /// An address in parts, whatever it is: for comparing alone.
    private struct Parts {
        let scheme: Substring
        let host: Substring
        let port: Substring
        let path: Substring
        let query: Substring?
        let fragment: Substring?

        init(_ text: String) {
            let halves = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            fragment = halves.count > 1 ? halves[1] : nil
            let asked = halves[0].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            query = asked.count > 1 ? asked[1] : nil
            let place = asked[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            scheme = place.count > 1 ? place[0] : ""
            let rest = place.last ?? ""
            let isHierarchical = rest.hasPrefix("//")
            let authority = isHierarchical ? rest.dropFirst(2).prefix { $0 != "/" } : ""
            path = isHierarchical ? rest.dropFirst(2 + authority.count) : rest
            let colon = authority.lastIndex { $0 == ":" || $0 == "]" }
            let hasPort = colon.map { authority[$0] == ":" } ?? false
            host = hasPort ? authority[..<(colon ?? authority.endIndex)] : authority
            port = hasPort ? authority[(colon ?? authority.endIndex)...] : ""
        }
    }
}

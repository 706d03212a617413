import AuthorizationServer
import JOSE

extension SettingsReader {
    /// What is signed with where nothing is set: what most want, and what OpenID Connect wants of every provider.
    static let signingAlgorithms: [SignatureAlgorithm] = [.es256, .rs256]

    /// Names of algorithms, the one first that is used unless a client asks for another.
    mutating func signingAlgorithms() -> [SignatureAlgorithm] {
        guard let text = text(.signingAlgorithms) else { return SettingsReader.signingAlgorithms }
        var algorithms: [SignatureAlgorithm] = []
        for word in text.split(whereSeparator: { " ,".contains($0) }) {
            guard let algorithm = SignatureAlgorithm(rawValue: String(word)) else {
                let known = SignatureAlgorithm.allCases.map(\.rawValue)
                report(
                    .signingAlgorithms, "names an algorithm that does not exist",
                    "Write some of: " + known.joined(separator: ", ") + ".")
                return algorithms
            }
            guard !algorithms.contains(algorithm) else {
                report(.signingAlgorithms, "names \(algorithm.rawValue) twice", "Name each once.")
                return algorithms
            }
            algorithms.append(algorithm)
        }
        if algorithms.isEmpty { report(.signingAlgorithms, "names none", "Write ES256 RS256, for example.") }
        return algorithms
    }
}

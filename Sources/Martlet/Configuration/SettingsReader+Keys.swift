import AuthorizationServer
import JOSE
import OAuthTypes

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
        // OpenID Connect Discovery §3 wants it of every provider, and clients that name none are registered for it.
        return algorithms.contains(.rs256) ? algorithms : algorithms + [.rs256]
    }

    /// What sign-ins are called by their strength.
    mutating func ladder() -> AuthenticationLadder {
        guard let text = text(.contextNames) else { return .standard }
        let remedy = "Write password=NAME second-factor=NAME passkey=NAME, or some of them; each name stands for one."
        var names: [AuthenticationContext: [String]] = [:]
        for word in text.split(separator: " ") {
            let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard halves.count == 2, let context = SettingsReader.contexts[halves[0]], names[context] == nil else {
                report(.contextNames, "has a word that names no step, or one for the second time", remedy)
                return .standard
            }
            names[context] = halves[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        guard let ladder = AuthenticationLadder(naming: names) else {
            report(.contextNames, "has an empty name, one with odd characters, or one for two steps", remedy)
            return .standard
        }
        return ladder
    }

    private static let contexts: [String: AuthenticationContext] = [
        "password": .password, "second-factor": .multipleFactors, "passkey": .phishingResistant,
    ]
}

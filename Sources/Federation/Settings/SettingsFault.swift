/// Why settings of a connector cannot be used; the description names the member and what it takes.
public enum SettingsFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// No JSON object, or one that names a member twice.
    case malformed
    /// No such setting.
    case unknown(String)
    /// A value of another kind, or out of its bounds.
    case wrong(String, needs: String)
    /// What this connector cannot do without.
    case missing(String)
    /// An address that is not https; http is for this machine alone.
    case insecure(String)
    /// No such provider.
    case unknownPreset(String)
    /// The secret is not there, or cannot be opened with the master key.
    case noSecret
    /// The secret is no private key of the kind that the provider asks for.
    case wrongKey

    /// One sentence.
    public var description: String {
        switch self {
        case .malformed: "the settings are no JSON object, or name a member twice"
        case .unknown(let name): "there is no setting \(name)"
        case .wrong(let name, let needs): "\(name) must be \(needs)"
        case .missing(let name): "\(name) is missing"
        case .insecure(let name): "\(name) must begin with https://; http:// is for this machine alone"
        case .unknownPreset(let name): "there is no preset \(name)"
        case .noSecret: "the secret is missing, or another master key has sealed it"
        case .wrongKey: "the secret must be a private key of the curve P-256 in PEM, as the provider gives it out"
        }
    }
}

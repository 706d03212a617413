/// What a figure of a row is called.
enum MetricName: String {
    case server
    case reference
    case ratio
    case costRatio = "ratio of cost"
    case tokenLatency = "p99 of /token"
    case keySetLatency = "p99 of the key set"
    case refusalLatency = "p99 of refusals"
    case idle = "idle"
    case perConnection = "per connection"
    case growth
    case signOnGrowth = "p99 of sign-on"
    case codeGrowth = "p99 of code"
    case refreshGrowth = "p99 of refresh"
    case signInGrowth = "p99 of sign-in"
    case signInLatency = "p95 of sign-in"
    case refreshLatency = "p99 of refreshing"
    case signUpShare = "sign-ups"
    case served
    case perHash = "of a hash"
    case unknownRatio = "no account"
    case closedRatio = "closed account"
    case updateRatio = "ratio to updates"
    case delay = "longest delay"
    case health = "health"
    case healthTime = "health, time"
    case keySet = "key set"
    case keySetTime = "key set, time"
    case machineToken = "machine token"
    case machineTokenTime = "machine token, time"
    case codeToken = "code"
    case codeTokenTime = "code, time"
    case refreshToken = "refresh"
    case refreshTokenTime = "refresh, time"
    case userInfo = "UserInfo"
    case userInfoTime = "UserInfo, time"
    case es256Sign = "ES256, sign"
    case es256Verify = "ES256, verify"
    case rs256Sign = "RS256, sign"
    case rs256Verify = "RS256, verify"
    case ps256Sign = "PS256, sign"
    case ps256Verify = "PS256, verify"
    case oaepEncrypt = "RSA-OAEP-256"
    case ecdhEncrypt = "ECDH-ES"
    case es256Seen = "ES256, seen"
    case es256Unseen = "ES256, new"
    case rs256Seen = "RS256, seen"
    case rs256Unseen = "RS256, new"
}

/// What came of a row.
struct RowReport {
    struct Metric {
        let name: MetricName
        let figure: Figure
        /// What the figure is, where the name does not say it.
        let explanation: String
    }

    let row: String
    let title: String
    var metrics: [Metric] = []
    var notes: [String] = []
    /// The share of one processor that other programs used meanwhile.
    var others = 0.0
    /// Why there are no figures.
    var failure: String?

    /// Whether other programs disturbed the row so much that its rates and ratios say little.
    ///
    /// They flatter as often as not: a server that waits for its disk loses less to others than a loop that never waits.
    var isNoisy: Bool { others > 0.1 }

    init(row: String, title: String) {
        self.row = row
        self.title = title
    }

    mutating func add(_ name: MetricName, _ figure: Figure, _ explanation: String = "") {
        metrics.append(Metric(name: name, figure: figure, explanation: explanation))
    }

    func budget(of metric: Metric) -> Budget? { Budget.of(row: row, metric: metric.name) }

    /// Whether a target is missed by more than the tolerance.
    var missesBudget: Bool {
        metrics.contains { budget(of: $0)?.standing(of: $0.figure.median) == .missed }
    }
}

/// What the product promises itself, from the performance budget of its design; `--check` holds it to this.
///
/// The tolerance is for noise of the machine: a figure that misses its target by less does not fail the check.
struct Budget {
    let row: String
    let metric: String
    let bound: Bound
    let tolerance: Double

    enum Bound {
        case atLeast(Double)
        case atMost(Double)
    }

    /// How a figure stands to its target.
    enum Standing: String {
        case met = "met"
        case nearlyMet = "within tolerance"
        case missed = "NOT MET"
    }

    static let all: [Budget] =
        [
            Budget("plain", .server, .atLeast(100_000)),
            Budget("keys", .server, .atLeast(90_000)),
            Budget("keys-304", .server, .atLeast(90_000)),
            Budget("discovery", .server, .atLeast(90_000)),
            Budget("client-credentials", .ratio, .atLeast(0.5)),
            Budget("userinfo", .server, .atLeast(60_000)),
            Budget("introspect", .server, .atLeast(60_000)),
            Budget("code", .ratio, .atLeast(0.5)),
            Budget("code-openid", .ratio, .atLeast(0.5)),
            Budget("refresh", .ratio, .atLeast(0.5)),
            Budget("refresh-openid", .ratio, .atLeast(0.5)),
            Budget("password", .ratio, .atLeast(0.95), tolerance: 0.02),
            Budget("password", .tokenLatency, .atMost(0.020)),
            Budget("password", .keySetLatency, .atMost(0.020)),
            Budget("crowd", .signUpShare, .atLeast(0.95)),
            Budget("enumeration", .unknownRatio, .atMost(1.02), tolerance: 0.03),
            Budget("enumeration", .closedRatio, .atMost(1.02), tolerance: 0.03),
            Budget("overload", .ratio, .atLeast(0.9)),
            Budget("overload", .refusalLatency, .atMost(0.005)),
            Budget("overload-machine", .ratio, .atLeast(0.9)),
            Budget("overload-machine", .refusalLatency, .atMost(0.005)),
            Budget("sign-in-flood", .tokenLatency, .atMost(0.020)),
            Budget("sign-in-flood", .keySetLatency, .atMost(0.020)),
            Budget("handshake-flood", .tokenLatency, .atMost(0.020)),
            Budget("handshake-flood", .keySetLatency, .atMost(0.020)),
            Budget("idle-connections", .perConnection, .atMost(6 * 1024), tolerance: 0),
            Budget("memory", .idle, .atMost(16 * 1_048_576), tolerance: 0),
            Budget("memory", .perConnection, .atMost(6 * 1024), tolerance: 0),
            Budget("memory", .growth, .atMost(512 * 1024), tolerance: 0),
            Budget("start", .server, .atMost(0.050)),
            Budget("jose", .es256Sign, .atLeast(0.85)),
            Budget("jose", .es256Verify, .atLeast(0.85)),
            Budget("jose", .rs256Sign, .atLeast(0.85)),
            Budget("jose", .rs256Verify, .atLeast(0.85)),
            Budget("code-postgresql", .ratio, .atLeast(0.6)),
            Budget("refresh-postgresql", .ratio, .atLeast(0.6)),
        ] + growth + allocations

    /// A hundred times the people, in both databases.
    private static let growth = ["growth-sqlite", "growth-postgresql"].flatMap { row in
        [MetricName.signOnGrowth, .codeGrowth, .refreshGrowth, .signInGrowth].map { metric in
            Budget(row, metric, .atMost(1.3))
        }
    }

    /// Pieces of the heap for one request: `limit(for:)` of what was measured on Debian 12.
    ///
    /// Checked by `deploy/test.sh`: who takes more has a reason, and raises the limit with it.
    private static let allocations = [
        Budget("allocations", .health, .atMost(18.9), tolerance: 0),
        Budget("allocations", .keySet, .atMost(3.9), tolerance: 0),
        Budget("allocations", .machineToken, .atMost(69.7), tolerance: 0),
        Budget("allocations", .codeToken, .atMost(196.4), tolerance: 0),
        Budget("allocations", .refreshToken, .atMost(198.4), tolerance: 0),
        Budget("allocations", .userInfo, .atMost(25.0), tolerance: 0),
    ]

    private init(_ row: String, _ metric: MetricName, _ bound: Bound, tolerance: Double = 0.05) {
        self.row = row
        self.metric = metric.rawValue
        self.bound = bound
        self.tolerance = tolerance
    }

    static func of(row: String, metric: MetricName) -> Budget? {
        all.first { $0.row == row && $0.metric == metric.rawValue }
    }

    func standing(of value: Double) -> Standing {
        switch bound {
        case .atLeast(let target):
            value >= target ? .met : value >= target * (1 - tolerance) ? .nearlyMet : .missed
        case .atMost(let target):
            value <= target ? .met : value <= target * (1 + tolerance) ? .nearlyMet : .missed
        }
    }

    /// A number of pieces to lower the limit to, where a value is so far below it that the limit would not see a change.
    func slack(of value: Double) -> Double? {
        let fitting = Budget.limit(for: value)
        guard case .atMost(let target) = bound, fitting < target - max(0.95, target / 20) else { return nil }
        return fitting
    }

    /// The limit for a number of pieces that was measured: not one more where there are few, a fiftieth where there are
    /// many, most of which are of libraries.
    static func limit(for pieces: Double) -> Double { pieces + max(0.9, pieces / 50) }

    func text(_ unit: Figure.Unit) -> String {
        switch bound {
        case .atLeast(let target): "≥ " + Format.value(target, unit)
        case .atMost(let target): "≤ " + Format.value(target, unit)
        }
    }

    var target: Double {
        switch bound {
        case .atLeast(let target), .atMost(let target): target
        }
    }
}

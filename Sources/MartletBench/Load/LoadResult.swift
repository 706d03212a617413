/// What came of one stretch of load.
struct LoadResult {
    var answers = 0
    var seconds: Double = 0
    var latencies = Latencies()
    /// Connections that the server closed between answers, as it may.
    var reconnects = 0

    var perSecond: Double { seconds > 0 ? Double(answers) / seconds : 0 }
}

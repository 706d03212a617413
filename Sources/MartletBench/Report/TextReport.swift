import Glibc

/// The report for people: each row as soon as it is there.
struct TextReport {
    /// Nothing is printed where the report is JSON: that has standard output to itself.
    let isSilent: Bool

    func line(_ text: String) {
        guard !isSilent else { return }
        print(text)
        fflush(nil)
    }

    func show(_ report: RowReport) {
        line("")
        line(Format.padded(report.row, to: 20) + report.title)
        if let failure = report.failure {
            line("    INVALID: " + failure.split(separator: "\n").joined(separator: "\n      "))
            return
        }
        for metric in report.metrics {
            var text = "    " + Format.padded(metric.name.rawValue, to: 20)
            text += Format.padded(metric.figure.textWithSpread, to: 22)
            if let budget = report.budget(of: metric) {
                let target = budget.text(metric.figure.unit)
                text += "target \(target): \(budget.standing(of: metric.figure.median).rawValue)"
                if !metric.explanation.isEmpty { text += "; " }
            }
            line(text + metric.explanation)
        }
        for note in report.notes { line("    " + note) }
        if report.isNoisy {
            line(
                "    NOISY               other programs used \(Format.percent(report.others)) of one processor meanwhile"
            )
        }
    }

    /// All targets in one place.
    func summarize(_ reports: [RowReport]) {
        line("")
        for report in reports {
            if report.failure != nil { line(Format.padded(report.row, to: 20) + "INVALID") }
            for metric in report.metrics {
                guard let budget = report.budget(of: metric) else { continue }
                let name = Format.padded(report.row, to: 20) + Format.padded(metric.name.rawValue, to: 20)
                let target = Format.padded(budget.text(metric.figure.unit), to: 14)
                line(
                    name + Format.padded(metric.figure.text, to: 14) + target
                        + budget.standing(of: metric.figure.median).rawValue + (report.isNoisy ? " (noisy)" : ""))
            }
        }
    }
}

import SQLStores

/// The card for people.
extension SizingCard {
    var text: String {
        var parts = [heading, rates, memoryText, settingsText, usersText]
        if !warnings.isEmpty { parts.append(warnings.map { "Note: \($0)." }.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private var heading: String {
        let place = Console.visible(host.folder)
        return "Martlet \(Version.text), \(host.cores) cores, \(ByteCount(host.memory)) of memory, SQLite in \(place)"
    }

    private var rates: String {
        var table = TextTable("", "PER CORE", "PER NODE")
        for operation in SizingOperation.allCases {
            let price = price(operation)
            table.add(operation.plural, FigureText.rate(price.perCore), FigureText.rate(price.perNode))
        }
        return table.text
    }

    private var memoryText: String {
        """
        At most \(ByteCount(ceiling)) of memory: \(ByteCount(memory.base)), \
        \(hashThreads) × \(ByteCount(hashBytes)) for password hashes,
        \(FigureText.grouped(memory.connections)) × \(ByteCount(connection.bytes)) for connections (without TLS).
        """
    }

    private var settingsText: String {
        let lines = settings.map { "    \($0.setting.rawValue)=\($0.value)" }.joined(separator: "\n")
        let time = "A password hash takes \(hash.duration.short), and may take \(hash.target.short)"
        return "\(time), with:\n\(lines)"
    }

    private var usersText: String {
        func number(_ operation: SizingOperation) -> String { FigureText.plain(usage.perDay[operation] ?? 0) }
        return """
            One node is enough for \(FigureText.grouped(users)) users, if each types \(number(.signIn)) password, \
            opens \(number(.codeFlow)) more applications and
            needs \(number(.refresh)) refreshes a day, \(FigureText.percent(usage.busiestHour)) of that in the \
            busiest hour, when the node is to be \(FigureText.percent(usage.utilization)) busy.
            """
    }

    /// What makes the figures worse than they could be, or the settings dangerous.
    var warnings: [String] {
        var warnings: [String] = []
        if !hash.isInTime {
            warnings.append("even the cheapest hash that protects people takes longer than it should")
        }
        if ceiling > host.memory {
            warnings.append("that is more memory than there is: set fewer MARTLET_PASSWORD_WORKERS, or --hash-memory")
        }
        if let busy = host.busyWithOthers, busy > 0.1 * Double(host.cores) {
            let cores = FigureText.plain((busy * 10).rounded() / 10)
            warnings.append("other programs kept \(cores) cores busy; measure again when they rest")
        }
        return warnings
    }
}

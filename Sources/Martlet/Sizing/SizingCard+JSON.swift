import Identity
import JSON

/// The card for programs.
extension SizingCard {
    func write(_ writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("version", Version.text)
            writer.object("host") {
                $0.member("cores", host.cores)
                $0.member("loops", host.loops)
                $0.member("memory_bytes", host.memory)
                $0.member("cores_busy_with_others", host.busyWithOthers)
                $0.member("folder", host.folder)
            }
            writer.object("password_hash") {
                $0.member("memory_kib", Int(hash.parameters.memory))
                $0.member("passes", Int(hash.parameters.passes))
                $0.member("lanes", Int(hash.parameters.lanes))
                $0.member("threads", hashThreads)
                $0.member("milliseconds", hash.duration / .milliseconds(1))
                $0.member("target_milliseconds", hash.target / .milliseconds(1))
                $0.member("in_time", hash.isInTime)
            }
            writer.object("per_second") { writer in
                for operation in SizingOperation.allCases {
                    let price = price(operation)
                    writer.object(operation.member) {
                        $0.member("core", price.perCore)
                        $0.member("node", price.perNode)
                    }
                }
            }
            writer.member("request_microseconds", connection.request / .microseconds(1))
            writer.object("memory") {
                $0.member("ceiling_bytes", ceiling)
                $0.member("base_bytes", memory.base)
                $0.member("hash_bytes", hashBytes)
                $0.member("connection_bytes", connection.bytes)
                $0.member("connections", memory.connections)
            }
            writer.object("settings") { writer in
                for (setting, value) in settings { writer.member(named: setting.rawValue, value) }
            }
            writer.object("users") { writer in
                writer.member("count", users)
                for operation in SizingOperation.allCases {
                    writer.member(named: "\(operation.member)_per_day", usage.perDay[operation] ?? 0)
                }
                writer.member("busiest_hour", usage.busiestHour)
                writer.member("utilization", usage.utilization)
            }
            writer.member("warnings", warnings)
        }
    }
}

import Trust

/// What the runs showed, for people and as JSON.
struct LoadReport {
    /// A server and what it calls its version.
    struct Server {
        var (url, version): (String, String)
    }

    /// A work and its runs, by server.
    struct Work {
        var work: LoadWork
        var samples: [[LoadSample]]

        /// How much faster the first server is than the second: rates, and for requests how long the middle one takes.
        var ratio: Double? {
            guard samples.count == 2 else { return nil }
            let (first, second) = (Range(samples[0], of: work), Range(samples[1], of: work))
            return work == .request ? second.median / first.median : first.median / second.median
        }

        /// How much less processor time the first server needs than the second.
        var processorRatio: Double? {
            guard samples.count == 2, let first = Range(samples[0].compactMap(\.serverNanoseconds)),
                let second = Range(samples[1].compactMap(\.serverNanoseconds)), first.median > 0
            else { return nil }
            return second.median / first.median
        }
    }

    /// The least, the middle and the most of several runs.
    struct Range {
        let (minimum, median, maximum): (Double, Double, Double)

        init?(_ values: [Double]) {
            let sorted = values.sorted()
            guard let least = sorted.first, let most = sorted.last else { return nil }
            let middle = sorted.count / 2
            let median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
            (minimum, self.median, maximum) = (least, median, most)
        }

        /// What a work is measured by.
        init(_ samples: [LoadSample], of work: LoadWork) {
            let values = samples.map { work == .request ? $0.latencies.p50 : $0.rate }
            self = Range(values) ?? Range(none: ())
        }

        private init(none: Void) { (minimum, median, maximum) = (0, 0, 0) }
    }

    var servers: [Server]
    var works: [Work] = []
    var holds: [HoldWork.Result] = []
}

// MARK: For people

extension LoadReport {
    /// A line for each server and work.
    var text: String {
        var lines: [String] = []
        for work in works {
            for (server, samples) in zip(servers, work.samples) {
                lines.append(
                    "\(work.work.rawValue), \(server.url) (\(server.version)): \(Self.text(samples, work.work))")
            }
            if let ratio = work.ratio {
                let processor = work.processorRatio.map { ", by the servers' processor time \(Self.short($0))" } ?? ""
                lines.append("\(work.work.rawValue), the first beside the second: \(Self.short(ratio))\(processor)")
            }
        }
        for (server, hold) in zip(servers, holds) {
            var line = "\(server.url) (\(server.version)): \(hold.connections) idle connections, "
            line += "\(Int(hold.perConnection)) bytes each"
            if let bytes = hold.perSubscription {
                line += "; \(hold.connections * hold.subscriptions) subscriptions, \(Int(bytes)) bytes each"
            }
            lines.append(line)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func text(_ samples: [LoadSample], _ work: LoadWork) -> String {
        var text: String
        let range = Range(samples, of: work)
        if work == .request {
            let p99 = Range(samples.map(\.latencies.p99))?.median ?? 0
            text =
                "p50 \(short(range.median)) µs (\(short(range.minimum)) to \(short(range.maximum))), p99 \(short(p99)) µs"
        } else {
            text = "\(Int(range.median)) /s (\(Int(range.minimum)) to \(Int(range.maximum)) in \(samples.count) runs)"
        }
        let client = Range(samples.map(\.clientNanoseconds))?.median ?? 0
        text += "; processor time each: here \(Int(client)) ns"
        if let server = Range(samples.compactMap(\.serverNanoseconds)) { text += ", server \(Int(server.median)) ns" }
        let closed = samples.reduce(0) { $0 + $1.slowConsumers }
        if closed > 0 {
            let lost = samples.reduce(0) { $0 + $1.lost }
            text += "; the server closed \(closed) subscribers as too slow, and \(lost) messages were not delivered"
        }
        return text
    }

    private static func short(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}

// MARK: JSON

extension LoadReport {
    /// One JSON object, as Docs/CommandLine.md describes it.
    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.list("servers") {
                for server in servers {
                    $0.object {
                        $0.member("url", server.url)
                        $0.member("version", server.version)
                    }
                }
            }
            $0.list("works") { for work in works { $0.work(work) } }
            if !holds.isEmpty { $0.list("holds") { for hold in holds { $0.hold(hold) } } }
        }
        return writer.text + "\n"
    }
}

extension JSONWriter {
    fileprivate mutating func work(_ work: LoadReport.Work) {
        object {
            $0.member("work", work.work.rawValue)
            $0.list("results") {
                for samples in work.samples { $0.object { $0.result(samples, of: work.work) } }
            }
            if let ratio = work.ratio { $0.figure("ratio", ratio) }
            if let ratio = work.processorRatio { $0.figure("processor_ratio", ratio) }
        }
    }

    private mutating func result(_ samples: [LoadSample], of work: LoadWork) {
        range("rate", samples.map(\.rate))
        if work == .request {
            object("microseconds") {
                $0.range("p50", samples.map(\.latencies.p50))
                $0.range("p90", samples.map(\.latencies.p90))
                $0.range("p99", samples.map(\.latencies.p99))
            }
        }
        range("client_nanoseconds", samples.map(\.clientNanoseconds))
        range("server_nanoseconds", samples.compactMap(\.serverNanoseconds))
        list("runs") {
            for sample in samples {
                $0.object {
                    $0.member("count", sample.count)
                    $0.figure("seconds", sample.seconds)
                    $0.member("lost", sample.lost)
                    $0.member("slow_consumers", sample.slowConsumers)
                }
            }
        }
    }

    fileprivate mutating func hold(_ hold: HoldWork.Result) {
        object {
            $0.member("connections", hold.connections)
            $0.member("subscriptions", hold.connections * hold.subscriptions)
            $0.member("bytes_before", hold.before)
            $0.member("bytes_connected", hold.connected)
            $0.member("bytes_subscribed", hold.subscribed)
            $0.figure("bytes_per_connection", hold.perConnection)
            if let bytes = hold.perSubscription { $0.figure("bytes_per_subscription", bytes) }
        }
    }

    /// A member with the least, the middle and the most; left out where there is nothing.
    private mutating func range(_ name: String, _ values: [Double]) {
        guard let range = LoadReport.Range(values) else { return }
        object(name) {
            $0.figure("min", range.minimum)
            $0.figure("median", range.median)
            $0.figure("max", range.maximum)
        }
    }

    private mutating func figure(_ name: String, _ value: Double) {
        self.name(name)
        number(Figures.rounded(value))
    }
}

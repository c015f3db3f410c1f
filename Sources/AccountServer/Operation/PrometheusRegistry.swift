import Metrics
import Synchronization

/// Counters, gauges and histograms of a process, as text for Prometheus (exposition format 0.0.4).
///
/// A backend of swift-metrics: hand it to `MetricsSystem.bootstrap`, or to what measures itself. The number of series that
/// one metric may have is bounded; what comes beyond is counted together, under the label `overflow="true"`, so that a
/// label whose values come from outside costs no memory without end.
public final class PrometheusRegistry: MetricsFactory {
    /// How many series a metric may have.
    public let seriesLimit: Int
    private let families = Mutex<[String: Family]>([:])

    private struct Family {
        let kind: PrometheusSeries.Kind
        var series: [[PrometheusLabel]: PrometheusSeries] = [:]
    }

    /// An empty registry.
    public init(seriesLimit: Int = 200) { self.seriesLimit = max(1, seriesLimit) }

    /// A counter, its name ending in `_total`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }

    /// A counter of fractions, its name ending in `_total`.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter)
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }

    /// A histogram of amounts; a gauge of the last one when they are not to be aggregated.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        series(label, dimensions, aggregate ? .histogram(PrometheusSeries.amounts) : .gauge)
    }

    /// A histogram of times, in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram(PrometheusSeries.seconds))
    }

    /// A series stays when the value that counted into it goes.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// A series stays when the value that counted into it goes.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// A series stays when the value that counted into it goes.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// A series stays when the value that counted into it goes.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// A series stays when the value that counted into it goes.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// All of it as text. Linear in the series.
    public var text: String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.word)\n"
            for series in family.series.values.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
                series.write(as: name, into: &text)
            }
        }
        return text
    }

    private func series(
        _ label: String, _ dimensions: [(String, String)], _ kind: PrometheusSeries.Kind
    ) -> PrometheusSeries {
        let name = PrometheusLabel.name(label) + (kind == .counter && !label.hasSuffix("_total") ? "_total" : "")
        let labels = PrometheusLabel.list(dimensions)
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            // One name has one type: what asks for another counts for itself, unseen.
            guard family.kind == kind else { return PrometheusSeries(kind, labels) }
            if let series = family.series[labels] { return series }
            var own = labels
            if family.series.count >= seriesLimit { own = [PrometheusLabel(name: "overflow", value: "true")] }
            let series = family.series[own] ?? PrometheusSeries(kind, own)
            family.series[own] = series
            families[name] = family
            return series
        }
    }
}

/// A label of a series, spelled as the format has it.
struct PrometheusLabel: Hashable, Comparable {
    let name: String
    let value: String

    /// Labels in the order of their names, each name once.
    static func list(_ dimensions: [(String, String)]) -> [PrometheusLabel] {
        var values: [String: String] = [:]
        for (name, value) in dimensions { values[labelName(name)] = value }
        return values.map { PrometheusLabel(name: $0.key, value: $0.value) }.sorted()
    }

    static func < (left: PrometheusLabel, right: PrometheusLabel) -> Bool {
        (left.name, left.value) < (right.name, right.value)
    }

    /// `name="value"`, the value escaped.
    var text: String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(name)=\"\(escaped)\""
    }

    /// A name of a metric: other characters than letters, digits, `_` and `:` become `_`.
    static func name(_ text: String) -> String { fitted(text, colons: true) }
    /// A name of a label, which has no colons and does not begin as those of Prometheus itself do.
    static func labelName(_ text: String) -> String {
        let name = fitted(text, colons: false)
        return name.hasPrefix("__") ? "x" + name : name
    }

    private static func fitted(_ text: String, colons: Bool) -> String {
        let bytes = text.utf8.map { byte -> UInt8 in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: byte
            case UInt8(ascii: ":") where colons: byte
            default: UInt8(ascii: "_")
            }
        }
        let begins = bytes.first.map { !(0x30...0x39).contains($0) } ?? false
        return (begins ? "" : "_") + String(decoding: bytes, as: UTF8.self)
    }
}

import Trust

/// The quickest, middle and slowest but one in a hundred of several samples, in nanoseconds an operation.
struct Spread: Sendable {
    let minimum: Double
    let median: Double
    let p99: Double

    init(_ samples: [Double]) {
        let sorted = samples.sorted()
        func quantile(_ part: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
        }
        (minimum, median, p99) = (sorted.first ?? 0, quantile(0.5), quantile(0.99))
    }

    /// For people.
    var text: String {
        "min \(Figures.rounded(minimum)) ns, median \(Figures.rounded(median)) ns, p99 \(Figures.rounded(p99)) ns"
    }
}

extension JSONWriter {
    /// A member that is a spread.
    mutating func spread(_ name: String, _ spread: Spread) {
        object(name) {
            for (name, value) in [("min", spread.minimum), ("median", spread.median), ("p99", spread.p99)] {
                $0.name(name)
                $0.number(Figures.rounded(value))
            }
        }
    }
}

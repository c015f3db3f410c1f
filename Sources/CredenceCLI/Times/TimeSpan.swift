import ArgumentParser

/// A length of time as nsc's `--response-ttl` takes it: `500ms`, `5s`, `2m`, `1h`.
struct TimeSpan: Hashable, ExpressibleByArgument {
    /// Its length in nanoseconds, at least 0.
    let nanoseconds: Int64

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        let scale: Int64? =
            switch argument.dropFirst(digits.count) {
            case "ms": 1_000_000
            case "s": 1_000_000_000
            case "m": 60_000_000_000
            case "h": 3_600_000_000_000
            default: nil
            }
        guard let count = Int64(digits), let scale else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        nanoseconds = product
    }
}

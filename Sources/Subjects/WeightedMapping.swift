/// An account mapping: a source and weighted destinations, perhaps for a cluster.
///
/// Weights are percents; 0 means 100. What the destinations leave of 100 stays on the source's subject, unless
/// the source itself is among the destinations: then it is lost on purpose (NATS subject mapping).
public struct WeightedMapping: Sendable {
    /// One destination as it is configured.
    public struct Destination: Hashable, Sendable {
        /// The destination, with functions; see `MappingTransform`.
        public let subject: String
        /// The percent of messages, 0 for 100.
        public let weight: UInt8
        /// The cluster that it is for; empty for all.
        public let cluster: String

        /// A destination of its parts.
        public init(subject: String, weight: UInt8 = 100, cluster: String = "") {
            self.subject = subject
            self.weight = weight
            self.cluster = cluster
        }

        /// The percent of messages, with 0 read as 100.
        public var effectiveWeight: Int { weight == 0 ? 100 : Int(weight) }
    }

    /// Why destinations are refused. `index` is the destination's place.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// A destination is no valid transform of the source.
        case destination(index: Int, TransformError)
        /// A weight above 100.
        case weight(index: Int)
        /// The weights for one cluster, or for all, exceed 100 together.
        case total(cluster: String)
        /// The same destination stands twice.
        case duplicate(index: Int)
        /// More destinations than `SubjectLimits.mappingDestinations`.
        case tooMany

        /// The fault in one lower-case line.
        public var description: String {
            switch self {
            case .destination(let index, let error): "destination \(index &+ 1): \(error)"
            case .weight(let index): "destination \(index &+ 1) has a weight above 100"
            case .total(let cluster):
                cluster.isEmpty ? "weights exceed 100" : "weights of cluster `\(cluster)` exceed 100"
            case .duplicate(let index): "destination \(index &+ 1) stands twice"
            case .tooMany: "more than \(SubjectLimits.mappingDestinations) destinations"
            }
        }
    }

    /// What becomes of a message.
    public enum Outcome: Hashable, Sendable {
        /// It goes to this subject, which may be the one it came on.
        case subject(Subject)
        /// The source does not match it.
        case unmatched
        /// It is lost on purpose, by weights that do not reach 100.
        case dropped
        /// The transform made no valid subject of it.
        case invalid
    }

    struct Choice: Sendable {
        /// Nothing: the subject stays as it is.
        let transform: MappingTransform?
        let weight: Int
    }

    /// What is mapped.
    public let source: SubjectPattern
    private(set) var choices: [String: [Choice]] = [:]

    /// Reads a mapping.
    ///
    /// - Throws: `Fault`, for the first destination that is at fault.
    public init(source: SubjectPattern, destinations: [Destination]) throws(Fault) {
        if destinations.count > SubjectLimits.mappingDestinations { throw .tooMany }
        self.source = source
        var seen: Set<[UInt8]> = []
        var totals: [String: Int] = [:]
        for (index, destination) in destinations.enumerated() {
            if !seen.insert(Array(destination.subject.utf8)).inserted { throw .duplicate(index: index) }
            if destination.weight > 100 { throw .weight(index: index) }
            let total = totals[destination.cluster, default: 0] &+ destination.effectiveWeight
            if total > 100 { throw .total(cluster: destination.cluster) }
            totals[destination.cluster] = total
            let transform: MappingTransform
            do {
                transform = try MappingTransform(from: source, to: destination.subject, for: .accountMapping)
            } catch {
                throw .destination(index: index, error)
            }
            choices[destination.cluster, default: []].append(
                Choice(transform: transform, weight: destination.effectiveWeight))
        }
        if choices[""] == nil { choices[""] = [] }
        if !seen.contains(source.bytes) {
            for (cluster, list) in choices {
                let left = 100 &- list.reduce(0) { $0 &+ $1.weight }
                if left > 0 { choices[cluster]?.append(Choice(transform: nil, weight: left)) }
            }
        }
    }

    /// The destinations in effect in a cluster with their percents; the source stands for what stays on it.
    public func effective(in cluster: String = "") -> [(destination: String, weight: Int)] {
        (choices[cluster] ?? choices[""] ?? []).map { ($0.transform?.destination ?? source.text, $0.weight) }
    }

    /// Maps one message's subject. `generator` is drawn from when there is more than one outcome.
    public func apply(
        to subject: Subject, in cluster: String = "", using generator: inout some RandomNumberGenerator
    ) -> Outcome {
        guard source.matches(subject) else { return .unmatched }
        let list = choices[cluster] ?? choices[""] ?? []
        var draw = list.first?.weight == 100 ? 0 : Int.random(in: 0..<100, using: &generator)
        for choice in list {
            draw &-= choice.weight
            guard draw < 0 else { continue }
            guard let transform = choice.transform else { return .subject(subject) }
            return transform.apply(to: subject, using: &generator).map { .subject($0) } ?? .invalid
        }
        return .dropped
    }
}

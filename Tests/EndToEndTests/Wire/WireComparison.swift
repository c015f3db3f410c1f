/// Holds what the server did against what the library decides, and counts which rows of `Laxity` explain what.
struct WireComparison {
    /// How many decisions of each kind the server answered with yes and with no.
    private(set) var answers: [String: (yes: Int, no: Int)] = [:]
    private(set) var differences = 0
    /// Differences by the rows that explain them; nearly always one.
    private(set) var explained: [Set<Laxity>: Int] = [:]
    /// What nothing explains.
    private(set) var faults: [String] = []

    private static let strict = RuleReading(laxities: [])
    private static let server = RuleReading(laxities: Set(Laxity.allCases))
    /// Single rows, then two at once: where one list of a user meets one row, and what it tries another.
    private static let explanations: [Set<Laxity>] =
        Laxity.allCases.map { [$0] }
        + Laxity.allCases.flatMap { one in Laxity.allCases.filter { $0.rawValue > one.rawValue }.map { [one, $0] } }

    var compared: Int { answers.values.reduce(0) { $0 + $1.yes + $1.no } }

    /// Compares one decision. `cause` names what decided in the library.
    mutating func compare(
        _ operation: RuleReading.Operation, by set: PermissionSet, theirs: Bool, ours: Bool,
        cause: @autoclosure () -> String
    ) {
        answers[operation.kind, default: (0, 0)].yes += theirs ? 1 : 0
        answers[operation.kind, default: (0, 0)].no += theirs ? 0 : 1
        var fault: [String] = []
        if theirs != ours { differences += 1 }
        // The library decides as the rules read, and the server as they read with every row: the rows are all there is.
        if Self.server.allows(operation, by: set) != theirs { fault.append("the rows say otherwise than the server") }
        if Self.strict.allows(operation, by: set) != ours {
            fault.append("the rules read otherwise than we decide")
        } else if theirs != ours {
            if let rows = explanation(of: operation, by: set, theirs: theirs) {
                explained[rows, default: 0] += 1
            } else {
                fault.append("no row explains it")
            }
        }
        guard !fault.isEmpty else { return }
        let sides = "the server \(theirs ? "allows" : "refuses"), we \(ours ? "allow" : "refuse") by \(cause())"
        note("\(operation): \(sides); \(fault.joined(separator: ", ")); \(set)")
    }

    mutating func note(_ fault: String) { faults.append(fault) }

    /// The row with which alone the rules read as the server answers, or else the pair of rows. Where more than one
    /// does, because allow and deny lists each have a reason of their own, the first in the table's order stands; so a
    /// row that only repeats another explains nothing.
    private func explanation(
        of operation: RuleReading.Operation, by set: PermissionSet, theirs: Bool
    ) -> Set<Laxity>? {
        let direction: Laxity.Direction = theirs ? .theyAllow : .weAllow
        return Self.explanations.first { rows in
            rows.allSatisfy { $0.direction == direction }
                && RuleReading(laxities: rows).allows(operation, by: set) == theirs
        }
    }
}

import Foundation

/// Where the product's broker says otherwise than the real server, and the row of Docs/Divergences.md that has the
/// reason. Each observation stands here by itself, with what the broker says there: one that says something else, or the
/// same as the real server, fails.
///
/// `Testdata/broker/divergences.txt` has them: a line with the row's id, then for each observation its id and, further
/// in, a line for each line that the broker says.
struct BrokerDivergence {
    /// The id of the row.
    let row: String
    /// `conversation/step`.
    let observation: String
    /// What the broker says.
    let ours: [String]

    /// All of them.
    static func all() throws -> [BrokerDivergence] {
        let path = "\(Testdata.root)/Testdata/broker/divergences.txt"
        var found: [BrokerDivergence] = []
        var (row, observation): (String?, String?) = (nil, nil)
        var lines: [String] = []
        func finish() {
            if let row, let observation {
                found.append(BrokerDivergence(row: row, observation: observation, ours: lines))
            }
            (observation, lines) = (nil, [])
        }
        for line in try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\n") {
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("    ") {
                guard observation != nil else { throw Fault("a line of no observation: \(line)") }
                lines.append(String(line.dropFirst(4)))
            } else if line.hasPrefix("  ") {
                finish()
                guard row != nil else { throw Fault("an observation of no row: \(line)") }
                observation = String(line.dropFirst(2))
            } else {
                finish()
                row = line
            }
        }
        finish()
        return found
    }
}

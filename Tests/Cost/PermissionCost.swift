// Decides and builds permission sets under callgrind, which counts the instructions of the functions below:
// `.ci/run cost` compiles this with the module's own sources, and holds the counts to their limits.
//
// Hash seeds are random in use and fixed here, so that every run counts the same.

import Foundation

struct Workload: Decodable {
    let allow: [String]
    let deny: [String]
    let subjects: [String]
    let allowed: Int
}

@main enum PermissionCost {
    static let seed = TokenTable.Seed(low: 0x2545_f491_4f6c_dd1d, high: 0xd6e8_feb8_6659_fd93)

    /// One run counts one thing: `decide-small`, `decide-generated` or `build-small`.
    static func main() throws {
        let small = try JSONDecoder().decode(
            Workload.self, from: Data(contentsOf: URL(fileURLWithPath: "Testdata/workloads/small20.json")))
        switch CommandLine.arguments.dropFirst().first {
        case "build-small":
            let permissions = try countedBuild(small.allow, small.deny)
            precondition(permissions.byteCount > 0)
        case "decide-small":
            let allowed = countedDecide(try countedBuild(small.allow, small.deny), try list(small.subjects))
            precondition(allowed == small.allowed, "small20: \(allowed) allowed, expected \(small.allowed)")
        case "decide-generated":
            let (allow, deny, subjects) = generated()
            let count = countedDecide(try countedBuild(allow, deny), try list(subjects))
            precondition(count > subjects.count / 2 && count < subjects.count, "\(count) of \(subjects.count) allowed")
        case let name: preconditionFailure("no measure \(name ?? "")")
        }
    }

    @inline(never) static func countedBuild(_ allow: [String], _ deny: [String]) throws -> Permissions {
        try Permissions(
            publishAllow: allow, publishDeny: deny, subscribeAllow: nil, subscribeDeny: [], responses: nil, seed: seed)
    }

    @inline(never) static func countedDecide(_ permissions: Permissions, _ subjects: SubjectList) -> Int {
        var allowed = 0
        for index in 0..<subjects.count {
            if permissions.decide(publish: subjects, at: index)?.isAllowed == true { allowed += 1 }
        }
        return allowed
    }

    static func list(_ texts: [String]) throws -> SubjectList {
        var list = SubjectList()
        for text in texts { list.append(try Subject(text)) }
        return list
    }

    /// Patterns of two to six tokens, one token in seven a star, one pattern in seven with a `>` at its end, a tenth
    /// of them denied; and a subject for each, of which every sixth is spoiled at its end.
    static func generated() -> ([String], [String], [String]) {
        var state: UInt64 = 88_172_645_463_325_252
        func below(_ limit: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % limit
        }
        let words = ["orders", "telemetry", "users", "chat", "jobs", "metrics", "audit", "_INBOX"]
        func word() -> String { words[Int(below(8))] + String(below(80)) }
        var patterns: [String] = []
        var subjects: [String] = []
        for _ in 0..<2_000 {
            let pattern = (0...Int(1 + below(5))).map { $0 > 0 && below(7) == 0 ? "*" : word() }
            let subject = pattern.map { $0 == "*" ? word() : $0 }.joined(separator: ".")
            let rest = below(7) == 0
            patterns.append(pattern.joined(separator: ".") + (rest ? ".>" : ""))
            subjects.append(subject + (rest ? "." + word() : "") + (below(6) == 0 ? "x" : ""))
        }
        return (Array(patterns[200...]), Array(patterns[..<200]), subjects)
    }
}

/// A workload of permission checks: lists of patterns, and subjects to check against them.
///
/// A file holds one JSON object with the members `name`, `allow`, `deny`, `subjects` (lists of strings) and, if it was
/// worked out, `allowed`: how many of the subjects may be published on.
struct Workload {
    /// Strings, each with the line of the file on which it starts.
    struct Texts {
        var texts: [String] = []
        var lines: [UInt32] = []

        /// The line of the text at an index, from 1.
        func line(of index: Int) -> Int { lines.indices.contains(index) ? Int(lines[index]) : 1 }
    }

    /// Why a file is no workload, and on which line.
    struct Fault: Error, Equatable {
        let line: Int
        let reason: String

        /// One line of text.
        var text: String { "line \(line): \(reason)" }
    }

    var name = ""
    var allow = Texts()
    var deny = Texts()
    var subjects = Texts()
    var allowed: Int?

    /// Reads a file in one pass.
    init(parsing file: UnsafeBufferPointer<UInt8>) throws(Fault) {
        var reader = WorkloadReader(file)
        var seen: Set<String> = []
        try reader.beginObject()
        while let member = try reader.nextMember(isFirst: seen.isEmpty) {
            guard seen.insert(member).inserted else { throw reader.fault("\(Files.quoted(member)) stands twice") }
            switch member {
            case "name": name = try reader.string()
            case "allow": allow = try reader.strings()
            case "deny": deny = try reader.strings()
            case "subjects": subjects = try reader.strings()
            case "allowed": allowed = try reader.count()
            default: throw reader.fault("\(Files.quoted(member)) is no member of a workload")
            }
        }
        try reader.end()
        for member in ["allow", "deny", "subjects"] where !seen.contains(member) {
            throw reader.fault("`\(member)` is missing")
        }
    }
}

extension Workload {
    /// Reads the file at a path, or standard input for `-`.
    init(reading path: String) throws(CommandFailure) {
        let file = try Files.read(path, limit: 1 << 31)
        do {
            self = try file.withUnsafeBufferPointer { (file) throws(Workload.Fault) in try Workload(parsing: file) }
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.name(path)), \(error.text)", hint: "see `credence bench check --help`")
        }
    }
}

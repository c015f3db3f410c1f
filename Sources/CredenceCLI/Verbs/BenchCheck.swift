import ArgumentParser
import Subjects
import Trust

/// `credence bench check`: how long a permission check takes.
struct BenchCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Time permission checks on a workload, and how long its lists take to compile.",
        discussion: """
            A workload is a JSON object with `name`, `allow` and `deny` (patterns), `subjects` (checked for publishing, \
            in that order, again and again), and `allowed`, how many of the subjects are. A pass over the subjects is \
            one sample; min, median and p99 are of passes. `allowed` that is printed was counted here.
            """)

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The workload's file; `-` for standard input.", valueName: "file"))
    var workload: String

    @Option(help: "How long to measure.")
    var seconds = 2.0

    @Flag(help: "Time look-ups of the whole subject in a C++ hash table in turn with the checks, and print the ratio.")
    var besideLookup = false

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is more than 0 and at most 3600") }
    }

    func run() throws {
        let (workload, path) = (try Workload(reading: self.workload), Files.name(self.workload))
        for (index, text) in workload.subjects.texts.enumerated() {
            do throws(SubjectError) {
                _ = try Subject(text)
            } catch {
                throw CommandFailure(
                    .badInput, "\(path), line \(workload.subjects.line(of: index)): subjects[\(index)]: \(error)")
            }
        }
        let result: CheckBenchmark.Result
        do {
            result = try CheckBenchmark.run(
                allow: workload.allow.texts, deny: workload.deny.texts, subjects: workload.subjects.texts,
                seconds: seconds, beside: besideLookup ? .hashTable : .nothing, now: MonotonicClock.nanoseconds)
        } catch let error as PermissionsError {
            throw CommandFailure(.badInput, "\(path)\(Self.text(of: error, in: workload))")
        }
        if let expected = workload.allowed, expected != result.allowed {
            StandardError.write(
                "warning: \(result.allowed) subjects are allowed, and the workload says that \(expected) are\n")
        }
        try StandardOutput.write(json ? Self.json(of: result, workload) : Self.text(of: result, workload))
    }

    /// Where in the file the entry stands, and what is wrong with it.
    private static func text(of error: PermissionsError, in workload: Workload) -> String {
        guard case .entry(_, let list, let index, let fault) = error else { return ": \(error)" }
        let (name, texts) = list == .allow ? ("allow", workload.allow) : ("deny", workload.deny)
        return ", line \(texts.line(of: index)): \(name)[\(index)]: \(fault)"
    }

    private static func json(of result: CheckBenchmark.Result, _ workload: Workload) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("workload", workload.name)
            $0.member("operations", result.operations)
            $0.spread("nanoseconds_per_check", result.checks)
            if let lookups = result.lookups {
                $0.spread("nanoseconds_per_lookup", lookups)
                $0.name("ratio")
                $0.number(Figures.rounded(result.checks.median / lookups.median))
            }
            $0.member("allowed", result.allowed)
            $0.name("build_milliseconds")
            $0.number(Figures.rounded(result.buildMilliseconds))
            $0.member("bytes", result.bytes)
        }
        return writer.text + "\n"
    }

    private static func text(of result: CheckBenchmark.Result, _ workload: Workload) -> String {
        let rules = workload.allow.texts.count + workload.deny.texts.count
        let lookups =
            result.lookups.map {
                "\na look-up: \($0.text); a check takes \(Figures.rounded(result.checks.median / $0.median)) of it"
            } ?? ""
        return """
            \(Printable.line(workload.name)): \(rules) rules, \(workload.subjects.texts.count) subjects, \
            \(result.allowed) allowed
            a check: \(result.checks.text) over \(result.operations) checks\(lookups)
            build:   \(Figures.rounded(result.buildMilliseconds)) ms, \(result.bytes) bytes

            """
    }
}

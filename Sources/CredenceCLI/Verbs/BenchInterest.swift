import ArgumentParser
import Subjects
import Trust

/// `credence bench interest`: how long it takes to find the subscriptions of a message, and to change them.
struct BenchInterest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interest", abstract: "Time finding the subscriptions of messages, subscribing and unsubscribing.",
        discussion: """
            The workload is that of `bench check`: each pattern of `allow` and `deny` gets one subscription, and the \
            messages are on its `subjects`. A pass over all of them is one sample, in processor time; min, median and p99 are of passes. \
            `matched` is how many subscriptions the subjects reach in one pass.
            """)

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The workload's file; `-` for standard input.", valueName: "file"))
    var workload: String

    @Option(help: "How long to measure, in processor time.")
    var seconds = 2.0

    @Flag(name: [.customShort("J"), .long], help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds is more than 0 and at most 3600") }
    }

    func run() throws {
        let workload = try Workload(reading: self.workload)
        var patterns: [SubjectPattern] = []
        for (name, texts) in [("allow", workload.allow), ("deny", workload.deny)] {
            patterns += try all(texts, name) { (text) throws(SubjectError) in try SubjectPattern(text) }
        }
        let subjects = try all(workload.subjects, "subjects") { (text) throws(SubjectError) in try Subject(text) }
        let result = InterestBenchmark.run(
            patterns: patterns, subjects: subjects, seconds: seconds, now: MonotonicClock.threadNanoseconds)
        try StandardOutput.write(json ? Self.json(of: result, workload) : Self.text(of: result, workload))
    }

    /// Every text of a list as what it means.
    private func all<Value>(
        _ texts: Workload.Texts, _ name: String, _ parse: (String) throws(SubjectError) -> Value
    ) throws(CommandFailure) -> [Value] {
        var values: [Value] = []
        for (index, text) in texts.texts.enumerated() {
            do throws(SubjectError) {
                values.append(try parse(text))
            } catch {
                throw CommandFailure(
                    .badInput, "\(Files.name(workload)), line \(texts.line(of: index)): \(name)[\(index)]: \(error)")
            }
        }
        return values
    }

    private static func json(of result: InterestBenchmark.Result, _ workload: Workload) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("workload", workload.name)
            $0.member("subscriptions", result.subscriptions)
            $0.object("nanoseconds") {
                $0.spread("match", result.match)
                $0.spread("insert", result.insert)
                $0.spread("remove", result.remove)
            }
            $0.member("matched", result.matched)
            $0.member("bytes", result.bytes)
        }
        return writer.text + "\n"
    }

    private static func text(of result: InterestBenchmark.Result, _ workload: Workload) -> String {
        return """
            \(Printable.line(workload.name)): \(result.subscriptions) subscriptions, \
            \(workload.subjects.texts.count) subjects that reach \(result.matched)
            match:  \(result.match.text)
            insert: \(result.insert.text)
            remove: \(result.remove.text)
            memory: \(result.bytes) bytes

            """
    }
}

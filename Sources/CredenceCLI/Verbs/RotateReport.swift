import ArgumentParser
import FolderStores
import NKeys
import Trust

/// `credence rotate report`
struct RotateReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Say what hangs on keys that are to go.",
        discussion: "All rotations that are under way, or one. The exit code is 1 while something hangs on one of them."
    )

    @Option(name: .customLong("key"), help: ArgumentHelp("The key that is to go; all without it.", valueName: "key"))
    var old: String?
    @OptionGroup var options: RotationOptions

    func run() throws {
        let workspace = try options.workspace()
        let record = try RotationRecord(of: workspace.store)
        let key = try old.map { (text) throws(CommandFailure) in try RotateFinish.key(text) }
        let rotations = record.rotations.filter { key == nil || $0.old == key }
        if let key, rotations.isEmpty {
            throw CommandFailure(
                .noInput, "no rotation of `\(key.text)` is under way",
                hint: "begin one with `credence rotate start`")
        }
        let reports = try rotations.map { (rotation) throws(CommandFailure) in
            try RotationReport(rotation, in: workspace, configurations: options.configurations)
        }
        if options.json {
            var writer = JSONWriter()
            writer.object { object in
                object.list("rotations") { list in for report in reports { report.write(to: &list) } }
            }
            try StandardOutput.write(writer.text + "\n")
        } else {
            let lines = reports.isEmpty ? ["no rotation is under way"] : reports.flatMap(\.lines)
            try StandardOutput.write(lines.map { Printable.line($0) + "\n" }.joined())
        }
        if reports.contains(where: { !$0.findings.hanging.isEmpty }) { throw ExitStatus.no.asError }
    }
}

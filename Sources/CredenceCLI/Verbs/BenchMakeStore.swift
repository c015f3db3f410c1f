import ArgumentParser
import Glibc
import NKeys
import Trust

/// `credence bench make-store`: a store to measure on.
struct BenchMakeStore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-store",
        abstract: "Make a resolver's folder of accounts with throw-away keys, to measure on.",
        discussion: """
            DIR/operator.jwt is the operator, DIR/accounts holds the accounts. Each account exports a private and a \
            public service and imports some of others'. No seed is kept.
            """)

    @Argument(help: ArgumentHelp("The folder to make; it must not be there.", valueName: "dir")) var folder: String
    @Option(help: "How many accounts.") var accounts = 10_000
    @Option(help: "How many imports an account.") var imports = 5
    @Option(help: "How many percent of the imports are private.") var privatePercent = 80

    func validate() throws {
        guard (2...10_000_000).contains(accounts) else {
            throw ValidationError("--accounts is from 2 to 10000000")
        }
        guard (0...100).contains(imports) else { throw ValidationError("--imports is from 0 to 100") }
        guard (0...100).contains(privatePercent) else { throw ValidationError("--private-percent is from 0 to 100") }
    }

    func run() async throws {
        for path in [folder, folder + "/accounts"] where mkdir(path, 0o755) != 0 {
            throw CommandFailure(
                errno == EEXIST ? .no : .inputOutput, "\(Files.quoted(path)): \(Files.text(of: errno))",
                hint: "name a folder that is not there yet, in one that is")
        }
        let workers = Workers.perProcessor
        let shape = MeasuredWorld.Shape(accounts: accounts, imports: imports, privatePercent: privatePercent)
        let world = try await MeasuredWorld(shape, at: WallClock.now(), workers: workers)
        try Self.write(world.operatorToken.text, to: folder + "/operator.jwt")
        let progress = ProgressBar(label: "signing", total: accounts)
        let accountsFolder = folder + "/accounts/"
        let faults = await workers.map(accounts) { range -> String? in
            for account in range {
                do {
                    try Self.write(world.token(of: account), to: accountsFolder + "\(world.keys[account].text).jwt")
                } catch {
                    return "\(error)"
                }
            }
            progress.advance(by: range.count)
            return nil
        }
        progress.finish()
        if let fault = faults.compactMap({ $0 }).first { throw CommandFailure(.inputOutput, fault) }
    }

    private static func write(_ text: String, to path: String) throws(CommandFailure) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw CommandFailure(.inputOutput, "\(Files.quoted(path)): \(Files.text(of: errno))")
        }
        defer { close(file) }
        let number = Array(text.utf8).withUnsafeBytes { Files.writeAll($0, to: file) }
        if let number { throw CommandFailure(.inputOutput, "\(Files.quoted(path)): \(Files.text(of: number))") }
    }
}

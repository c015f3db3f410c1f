import ArgumentParser
import FolderStores
import NKeys
import SystemTimeZones
import Trust

/// `credence generate config`: the part of a server's configuration that comes from a store.
struct GenerateConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Write a configuration for nats-server from a store.",
        discussion: """
            An account whose token is refused is left out, with a warning: the server would refuse it too. \
            Start the server with `nats-server -c FILE`.
            """)

    @Flag(help: "The server keeps the accounts in memory, as the configuration lists them.") var memResolver = false
    @Option(help: ArgumentHelp("The file to write; standard output without it.", valueName: "file"))
    var configFile: String?
    @Flag(name: [.customShort("F"), .long], help: "Replace the file where there is one.") var force = false
    @Option(help: ArgumentHelp("The system account; without it the operator's.", valueName: "name"))
    var sysAccount: String?
    @OptionGroup var `operator`: OperatorOption
    @OptionGroup var options: StoreOptions

    func validate() throws {
        if !memResolver { throw ValidationError("say which resolver: --mem-resolver") }
    }

    func run() throws {
        let workspace = try Workspace(options, operator: `operator`.name)
        let token = try workspace.operatorToken()
        var config = ServerConfig(operator: token)
        if let sysAccount {
            let account = try workspace.accountToken(sysAccount)
            if let system = token.claims.systemAccount, system != account.subject {
                throw CommandFailure(
                    .usage, "--sys-account: the operator names another system account, `\(system.text)`",
                    hint: "leave --sys-account out: a server refuses two that differ")
            }
            config.systemAccount = account.subject
        }
        let listing = try read { () throws(StoreFault) in try workspace.store.accounts() }
        for fault in listing.faults { StandardError.write("warning: \(fault) and is left out\n") }
        for index in 0..<listing.count {
            let name = listing.name(at: index)
            do {
                config.accounts.append(try workspace.trustedAccount(name, under: token))
            } catch {
                StandardError.write("warning: account \(Files.quoted(name)) is left out: \(error.what)\n")
            }
        }
        let text = Array(config.text.utf8)
        guard let configFile, configFile != "--" else { return try StandardOutput.write(text) }
        try text.withUnsafeBufferPointer { (bytes) throws(CommandFailure) in
            try Files.writeSecret(UnsafeRawBufferPointer(bytes), to: configFile, replacing: force ? .allowed : .refused)
        }
    }
}

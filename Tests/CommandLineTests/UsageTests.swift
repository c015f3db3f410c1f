import ArgumentParser
import RealServers
import Testing

@testable import CredenceCLI

@Suite("The command line itself", .onOwnThread)
struct UsageTests {
    @Test("Help and version are a yes")
    func help() throws {
        #expect(try Binary.run("--help").status == 0)
        #expect(try Binary.run("validate", "--help").status == 0)
        #expect(try Binary.run("--version").output.hasPrefix("credence "))
    }

    @Test(
        "Wrong usage ends with 64 and says how it is used",
        arguments: [
            ["nonsense"], ["describe", "jwt"], ["validate", "--nonsense"], ["validate", "--policy", "lax"],
            ["validate", "--at", "yesterday"], ["validate", "--at", "2026-11-20"], ["generate", "nkey"],
            ["generate", "config"], ["add", "user"], ["add", "user", "-n", "u", "--expiry", "soon"],
            ["add", "user", "-n", "u", "--response-ttl", "5"], ["completion", "tcsh"], ["bench", "tokens"],
            ["add", "export"], ["add", "export", "-s", "a", "--sampling", "0"],
            ["add", "export", "-s", "a", "--response-type", "Twice"], ["add", "import", "--src-account", "E"],
            ["add", "import", "--remote-subject", "a"], ["edit", "export"], ["delete", "export"], ["delete", "import"],
            ["generate", "activation", "-s", "a"], ["revocations", "add-user"],
            ["revocations", "add-user", "-u", "u", "--at", "soon"], ["revocations", "add-activation", "-s", "a"],
            ["describe", "user"], ["describe", "account", "A", "-n", "A"],
        ])
    func usage(_ arguments: [String]) throws {
        let run = try Binary.start(arguments).wait()
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("Usage: credence"))
    }

    @Test("Each shell has its script", arguments: ["bash", "zsh", "fish"])
    func completions(_ shell: String) throws {
        let run = try Binary.run("completion", shell)
        #expect(run.status == 0)
        #expect(run.output.contains("credence"))
        for word in ["validate", "add-activation", "local-subject"] { #expect(run.output.contains(word)) }
        #expect(try Binary.run("--generate-completion-script", shell).output == run.output)
    }

    @Test("Docs/CommandLine.md names every verb, and no other")
    func documented() throws {
        func verbs(_ command: any ParsableCommand.Type, _ path: String) -> [String] {
            let subcommands = command.configuration.subcommands
            if subcommands.isEmpty { return [path] }
            return subcommands.flatMap { verbs($0, "\(path) \($0._commandName)") }
        }
        let document = Testdata.path + "/../Docs/CommandLine.md"
        let text = try String(contentsOfFile: document, encoding: .utf8)
        let all = verbs(Credence.self, "credence")
        #expect(all.count > 25)
        for verb in all { #expect(text.contains("`\(verb)`") || text.contains("`\(verb) "), "\(verb)") }
        for match in text.matches(of: /`credence ([a-z-]+)( [a-z-]+)?/) {
            let verb = "credence \(match.output.1)"
            #expect(
                all.contains { $0 == verb || $0 == verb + (match.output.2 ?? "") || $0.hasPrefix(verb + " ") },
                "\(match.output.0) is no verb")
        }
    }

    @Test(
        "A new key is a seed and its public key",
        arguments: [
            ("--operator", "O"), ("-a", "A"), ("--user", "U"), ("--server", "N"), ("--cluster", "C"), ("--curve", "X"),
        ])
    func newKeys(_ flag: String, _ letter: String) throws {
        let run = try Binary.run("generate", "nkey", flag)
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        #expect(lines[0].hasPrefix("S" + letter) && lines[0].count == 58)
        #expect(lines[1].hasPrefix(letter) && lines[1].count == 56)
        #expect(run.errors.isEmpty)
    }

    @Test("A progress bar shows how far the work is")
    func progress() {
        #expect(ProgressBar.line(label: "x", done: 0, total: 10) == "x [------------------------------] 0% 0/10")
        #expect(ProgressBar.line(label: "x", done: 5, total: 10) == "x [###############---------------] 50% 5/10")
        #expect(ProgressBar.line(label: "x", done: 11, total: 10) == "x [##############################] 100% 10/10")
        #expect(ProgressBar.line(label: "x", done: 0, total: 0).contains("100%"))
    }

    @Test("A result that cannot be written is an I/O failure, not a yes")
    func fullDisk() throws {
        let run = try Binary.run("completion", "bash", outputTo: "/dev/full")
        #expect(run.status == 74)
        #expect(run.errors.contains("error: standard output cannot be written"))
    }
}

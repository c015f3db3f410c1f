import Testing

@testable import CredenceCLI

@Suite("The command line itself")
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
        #expect(run.output.contains("validate"))
        #expect(try Binary.run("--generate-completion-script", shell).output == run.output)
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

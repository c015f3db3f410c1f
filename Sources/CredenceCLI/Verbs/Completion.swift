import ArgumentParser

/// `credence completion SHELL`: the script that teaches a shell the command line.
struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the script that completes command lines in a shell.",
        discussion: """
            bash: credence completion bash > ~/.local/share/bash-completion/completions/credence
            zsh:  credence completion zsh > DIR/_credence, with DIR in $fpath
            fish: credence completion fish > ~/.config/fish/completions/credence.fish
            """)

    /// The shells there are scripts for.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        guard let known = CompletionShell(rawValue: shell.rawValue) else {
            throw CommandFailure(.usage, "no script for `\(shell.rawValue)`")
        }
        try StandardOutput.write(Credence.completionScript(for: known) + "\n")
    }
}

import ArgumentParser
import Glibc
import NKeys

/// `credence bench make-world`: what a broker is measured with.
struct BenchMakeWorld: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-world",
        abstract: "Make a server's configuration with throw-away keys, and creds, to measure brokers with.",
        discussion: """
            DIR/server.conf is a configuration for nats-server and every server that reads it; DIR/app.creds and \
            DIR/service.creds are users with twelve permission rules, of two accounts of which one imports a private \
            service of the other. Then: `credence bench broker --url URL --creds DIR/app.creds --responder-creds \
            DIR/service.creds --work publish`.
            """)

    @Argument(help: ArgumentHelp("The folder to make; it must not be there.", valueName: "dir")) var folder: String
    @Option(help: ArgumentHelp("Where the server listens.", valueName: "address")) var listen = "127.0.0.1:4222"

    func validate() throws {
        guard !listen.isEmpty, listen.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }) else {
            throw ValidationError("--listen takes an address: 127.0.0.1:4222")
        }
    }

    func run() throws {
        guard mkdir(folder, 0o700) == 0 else {
            throw CommandFailure(
                errno == EEXIST ? .no : .inputOutput, "\(Files.quoted(folder)): \(Files.text(of: errno))",
                hint: "name a folder that is not there yet, in one that is")
        }
        let world = try MeasuredBrokerWorld(at: WallClock.now())
        let text = Array("listen: \"\(listen)\"\n\(world.configuration.text)".utf8)
        try text.span.withUnsafeBytes { (bytes) throws(CommandFailure) in
            try Files.writeSecret(bytes, to: folder + "/server.conf", replacing: .refused)
        }
        for (creds, name) in [(world.user, "app"), (world.responder, "service")] {
            try creds.withUnsafeBytes { (bytes) throws(CommandFailure) in
                try Files.writeSecret(bytes, to: "\(folder)/\(name).creds", replacing: .refused)
            }
        }
    }
}

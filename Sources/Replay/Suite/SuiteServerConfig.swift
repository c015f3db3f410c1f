extension ReplaySuite {
    /// A configuration of `nats-server` with every account of the suite, for a run over the wire.
    public var serverConfiguration: [UInt8] {
        var text = """
            # For `credence replay run --nats`. Throw-away keys: this server is for nobody else.
            host: 127.0.0.1
            port: 4222
            # Many accounts are loaded at once, each when its first user logs in.
            authorization { timeout: 30 }
            operator: [

            """
        for token in operators { text += "  \(token)\n" }
        text += "]\nsystem_account: \(system.key.text)\nresolver: MEMORY\nresolver_preload: {\n"
        for account in [system] + bystanders + worlds.flatMap({ [$0.exporter, $0.importer] }) {
            text += "  \(account.key.text): \(account.token)\n"
        }
        return Array((text + "}\n").utf8)
    }

    /// The name of the file with the configuration.
    public static let configurationFile = "nats-server.conf"
    /// The names of the files with the tokens of the operators, for account servers, in their order.
    public static let operatorFiles = ["operator.jwt", "strict-operator.jwt"]
}

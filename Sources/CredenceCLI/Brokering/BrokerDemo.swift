import Glibc
import NKeys
import Subjects
import SystemTimeZones
import Trust

/// Something to try the broker with: an operator, two accounts with a private export and import of each kind, users
/// with permissions, all of them thrown away with the folder.
///
/// The seeds of operator and accounts are forgotten once everything is signed: what is in the folder cannot be changed,
/// and nothing else can be made of it.
struct BrokerDemo {
    /// Where everything lies.
    let folder: String

    /// The configuration to start the broker on.
    var configuration: String { "\(folder)/broker.conf" }

    private static let stream = "orders.created.*"
    private static let service = "orders.status"

    /// Makes everything in a folder, a new one unless it is named.
    ///
    /// - Throws: where there is a demonstration already.
    static func make(in named: String?) throws -> BrokerDemo {
        let demo = BrokerDemo(folder: try named ?? newFolder())
        try ServerFiles.makeFolder(demo.folder)
        if access(demo.configuration, F_OK) == 0 {
            throw CommandFailure(
                .no, "\(Files.quoted(demo.configuration)) exists already",
                hint: "start it again with `credence broker -c \(demo.configuration)`, or name another folder")
        }
        try demo.write()
        return demo
    }

    private static func newFolder() throws(CommandFailure) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/credence-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                .inputOutput, "no folder can be made in \(Files.quoted(base)): \(Files.text(of: errno))",
                hint: "name one with --demo-folder")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Tokens

    private func write() throws {
        let now = WallClock.now()
        let (root, system) = (try Keys.generate(.operator), try Keys.generate(.account))
        let (orders, billing) = (try Keys.generate(.account), try Keys.generate(.account))
        var claims = OperatorClaims(subject: root.publicKey, name: "DEMO")
        claims.systemAccount = system.publicKey
        let `operator` = try sign(by: root) { signer throws(SigningError) in try signer.sign(claims, at: now) }
        func account(_ claims: AccountClaims) throws(CommandFailure) -> VerifiedToken<AccountClaims> {
            try sign(by: root) { signer throws(SigningError) in try signer.sign(claims, under: `operator`, at: now) }
        }
        let systemToken = try account(.system(subject: system.publicKey))
        var exporter = AccountClaims(subject: orders.publicKey, name: "ORDERS")
        let (stream, service) = (try SubjectPattern(Self.stream), try SubjectPattern(Self.service))
        exporter.exports = [.stream(stream, name: "created"), .service(service, name: "status")]
        for index in exporter.exports.indices { exporter.exports[index].tokenRequired = true }
        let exporterToken = try account(exporter)
        var importer = AccountClaims(subject: billing.publicKey, name: "BILLING")
        for (pattern, kind, name) in [(stream, ExportKind.stream, "created"), (service, .service, "status")] {
            let activation = ActivationClaims(importer: billing.publicKey, subject: pattern, kind: kind)
            let token = try sign(by: orders) { signer throws(SigningError) in
                try signer.sign(activation, exportedBy: exporterToken, under: `operator`, at: now)
            }
            importer.imports.append(
                Import(subject: pattern, account: orders.publicKey, kind: kind, name: name, token: token.text))
        }
        let importerToken = try account(importer)

        func user(
            _ name: String, of account: VerifiedToken<AccountClaims>, by keys: KeyPair, publish: [String],
            subscribe: [String], answers: Bool = false
        ) throws {
            let pair = try Keys.generate(.user)
            var claims = UserClaims(subject: pair.publicKey, name: name)
            claims.permissions.publishAllow = try publish.map { try PermissionEntry($0, in: .publish) }
            claims.permissions.subscribeAllow = try subscribe.map { try PermissionEntry($0, in: .subscribe) }
            if answers { claims.permissions.responses = ResponseClaims(maximum: 1) }
            let token = try sign(by: keys) { signer throws(SigningError) in
                try signer.sign(claims, for: account, under: `operator`, at: now)
            }
            let creds = try CredentialsFile.render(token: Array(token.text.utf8), seed: pair.seed)
            try creds.withUnsafeBytes { (bytes) throws(CommandFailure) in
                try Files.writeSecret(bytes, to: "\(folder)/\(name).creds", replacing: .refused)
            }
        }
        try user(
            "orders", of: exporterToken, by: orders, publish: ["orders.>", "$SYS.REQ.USER.INFO"],
            subscribe: ["orders.>", "_INBOX.>"], answers: true)
        try user(
            "billing", of: importerToken, by: billing, publish: [Self.service, "$SYS.REQ.USER.INFO"],
            subscribe: [Self.stream, "_INBOX.>"])
        try user("sys", of: systemToken, by: system, publish: [">"], subscribe: [">"])
        try writeConfiguration(`operator`, [systemToken, exporterToken, importerToken])
    }

    private func writeConfiguration(
        _ operator: VerifiedToken<OperatorClaims>, _ accounts: [VerifiedToken<AccountClaims>]
    ) throws(CommandFailure) {
        var config = ServerConfig(operator: `operator`)
        let chain = ChainVerifier(
            anchors: TrustAnchors([`operator`]), verifier: TokenVerifier(zones: SystemZones()))
        for account in accounts {
            switch chain.account(account.text, for: account.subject, at: WallClock.now()) {
            case .accepted(let trusted, _): config.accounts.append(trusted)
            case .refused(let refusal): throw CommandFailure(refusal, what: "a demonstration account is refused")
            }
        }
        let text = Array("listen: 127.0.0.1:4222\n\n\(config.text)".utf8)
        try text.span.withUnsafeBytes { (bytes) throws(CommandFailure) in
            try Files.writeSecret(bytes, to: configuration, replacing: .refused)
        }
    }

    private func sign<Token>(
        by pair: KeyPair, _ body: (TokenSigner) throws(SigningError) -> Token
    ) throws(CommandFailure) -> Token {
        try signed("the demonstration") { () throws(SigningError) in try body(TokenSigner(pair, zones: SystemZones())) }
    }

    // MARK: What to try

    /// Commands to try, with the broker at this port.
    func commands(port: Int) -> String {
        let url = "nats://127.0.0.1:\(port)"
        func nats(_ user: String, _ rest: String) -> String {
            "  nats -s \(url) --creds \(quoted("\(folder)/\(user).creds")) \(rest)"
        }
        return """
            The account ORDERS exports two things to whom it gives a token, and BILLING imports both.
            Its users are in \(folder); everything there is for trying out, and can be removed.

            A stream: listen in BILLING, then publish in ORDERS
            \(nats("billing", "sub '\(Self.stream)'"))
            \(nats("orders", "pub orders.created.42 'one pair of shoes'"))

            A service: answer in ORDERS, then ask in BILLING
            \(nats("orders", "reply \(Self.service) shipped"))
            \(nats("billing", "request \(Self.service) 42"))

            Refused: BILLING publishes what only ORDERS may
            \(nats("billing", "pub orders.created.43 forged"))

            What a user may do, and who is connected
            \(nats("billing", "request '$SYS.REQ.USER.INFO' ''"))
            \(nats("sys", "sub '$SYS.ACCOUNT.*.CONNECT'"))

            The stream in Python (pip install nats-py nkeys)
              python3 -c '\(python(url))'

            """
    }

    private func python(_ url: String) -> String {
        """
        import asyncio, nats
        async def main():
          listener = await nats.connect("\(url)", user_credentials="\(folder)/billing.creds")
          sub = await listener.subscribe("\(Self.stream)"); await listener.flush()
          sender = await nats.connect("\(url)", user_credentials="\(folder)/orders.creds")
          await sender.publish("orders.created.42", b"one pair of shoes"); await sender.flush()
          message = await sub.next_msg(timeout=5); print(message.subject, message.data.decode())
          await listener.close(); await sender.close()
        asyncio.run(main())
        """
    }

    private func quoted(_ path: String) -> String {
        path.allSatisfy { $0.isLetter || $0.isNumber || "/._-".contains($0) } ? path : "'\(path)'"
    }
}

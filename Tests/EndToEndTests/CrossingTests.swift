import Foundation
import RealServers
import Testing

@Suite("From one account to another, by the command line alone", .onOwnThread)
struct CrossingTests {
    /// A message that goes from one account to another, or does not.
    private struct Crossing: Encodable {
        let kind: String
        let exporter: String
        let importer: String
        let remote: String
        let local: String
    }

    /// Sends the messages through a new server on what the deployment says now; what came through.
    private func results(of crossings: [Crossing], in deployment: Deployment) throws -> [String?] {
        try? FileManager.default.removeItem(atPath: deployment.folder.path("server.conf"))
        let server = try RealServer(configuration: deployment.configuration())
        guard let script = Bundle.module.path(forResource: "crossing", ofType: "py") else {
            throw Fault("crossing.py is not among the resources of these tests")
        }
        let input = String(decoding: try JSONEncoder().encode(crossings), as: UTF8.self)
        let run = try Program.onPath("python3", [script, server.url], input: input)
        guard run.status == 0 else { throw Fault("the client cannot be run: \(run.errors)\n\(server.logText)") }
        return try JSONDecoder().decode([String?].self, from: Data(run.output.utf8))
    }

    @Test("the real server delivers through the imports that were added, until their activation is revoked")
    func crossing() throws {
        let deployment = try Deployment()
        let folder = deployment.folder.path
        func credence(_ arguments: String...) throws {
            try Program.credenceSucceeds(arguments + ["-H", folder])
        }
        for account in ["SHOP", "DEPOT"] { try deployment.addAccount(account) }
        let seller = try deployment.addUser("seller", to: "SHOP")
        let packer = try deployment.addUser("packer", to: "DEPOT")

        try credence("add", "export", "-a", "SHOP", "-s", "orders.>", "--private")
        try credence("add", "export", "-a", "SHOP", "-s", "price.*", "--private", "--service")
        try credence("add", "export", "-a", "SHOP", "-s", "news")
        let (orders, prices) = (deployment.folder.path("orders.jwt"), deployment.folder.path("prices.jwt"))
        try credence("generate", "activation", "-a", "SHOP", "-s", "orders.>", "-t", "DEPOT", "-o", orders)
        try credence("generate", "activation", "-a", "SHOP", "-s", "price.*", "-t", "DEPOT", "-o", prices)
        try credence("add", "import", "-a", "DEPOT", "--token", orders, "--local-subject", "shop.orders.>")
        try credence("add", "import", "-a", "DEPOT", "--token", prices, "--local-subject", "shop.price.*")
        try credence("add", "import", "-a", "DEPOT", "--src-account", "SHOP", "--remote-subject", "news")
        try credence("validate")

        func cross(_ kind: String, _ remote: String, _ local: String) -> Crossing {
            Crossing(kind: kind, exporter: seller, importer: packer, remote: remote, local: local)
        }
        let crossings = [
            cross("stream", "orders.eu", "shop.orders.eu"), cross("service", "price.tea", "shop.price.tea"),
            cross("stream", "news", "news"), cross("stream", "orders.eu", "orders.eu"),
            cross("stream", "secret", "secret"),
        ]
        let before = try results(of: crossings, in: deployment)
        #expect(before == ["crossed", "answered", "crossed", nil, nil])

        try credence("revocations", "add-activation", "-a", "SHOP", "-s", "orders.>", "-t", "DEPOT")
        let revoked = try results(of: crossings, in: deployment)
        #expect(revoked == [nil, "answered", "crossed", nil, nil])
        try credence("revocations", "add-activation", "-a", "SHOP", "-s", "price.*", "--service", "-t", "*")
        try credence("delete", "import", "-a", "DEPOT", "-s", "news")
        let without = try results(of: crossings, in: deployment)
        #expect(without == [nil, nil, nil, nil, nil])
        try credence("revocations", "delete-activation", "-a", "SHOP", "-s", "orders.>", "-t", "DEPOT")
        let again = try results(of: crossings, in: deployment)
        #expect(again == ["crossed", nil, nil, nil, nil])
    }

    @Test("a user that was revoked cannot connect, and one whose revocation was taken back can")
    func revokedUser() throws {
        let deployment = try Deployment()
        try deployment.addAccount("SHOP")
        let seller = try deployment.addUser("seller", to: "SHOP")
        func connects() throws -> Bool {
            try? FileManager.default.removeItem(atPath: deployment.folder.path("server.conf"))
            let server = try RealServer(configuration: deployment.configuration())
            return try RealClient.log(in: [(seller, "greeting")], to: server)[0].connected
        }
        let verb = { ["revocations", $0, "-a", "SHOP", "--user", "seller", "-H", deployment.folder.path] }
        try Program.credenceSucceeds(verb("add-user"))
        #expect(try !connects())
        try Program.credenceSucceeds(verb("delete-user"))
        #expect(try connects())
    }
}

import Foundation
import NKeys
import RealServers
import Testing

@Suite("imports that close a circle", .onOwnThread)
struct CircleTests {
    /// Each of the three accounts offers `svc.>`, and O takes it from E, and I from O.
    private func chain() throws -> Exchange {
        let store = try Exchange()
        for account in ["E", "I", "O"] {
            try store.yes(["add", "export", "-a", account, "-s", "svc.>", "--service"])
        }
        try store.yes(["add", "import", "-a", "O", "--src-account", "E", "--remote-subject", "svc.>", "--service"])
        try store.yes(["add", "import", "-a", "I", "--src-account", "O", "--remote-subject", "svc.a", "--service"])
        return store
    }

    private let closing = ["add", "import", "-a", "E", "--src-account", "I", "--remote-subject", "svc.>", "--service"]

    @Test("The import that closes a circle over three accounts is not added, under another name it is")
    func refused() throws {
        let store = try chain()
        #expect(try store.refusal(closing) == ["B-cycle"])
        // Who comes later does not change it: of a circle that a change closes the change gives way.
        for later in ["I", "O"] { try store.replace(later, issuedAfter: 40) { _ in } }
        #expect(try store.refusal(closing) == ["B-cycle"])
        try store.yes(closing + ["--local-subject", "from.i.>"])
        #expect(try store.standing("E").map(\.inForce) == [true])
        #expect(try store.run(["validate"]).status == 0)
    }

    @Test("Of a circle in a store the latest token's import is out, whoever looks")
    func stored() throws {
        let store = try chain()
        let key = try store.key("I").text
        for (number, account) in ["I", "O"].enumerated() { try store.replace(account, issuedAfter: number) { _ in } }
        try store.replace("E", issuedAfter: 30) { nats in
            nats["imports"] = [["subject": "svc.>", "account": key, "type": "service"]]
        }
        #expect(try store.standing("E").map(\.rules) == [["B-cycle"]])
        #expect(try store.standing("O").map(\.inForce) == [true])
        #expect(try store.standing("I").map(\.inForce) == [true])
        // Issued after it, another account's import gives way instead.
        try store.replace("O", issuedAfter: 40) { _ in }
        #expect(try store.standing("E").map(\.inForce) == [true])
        #expect(try store.standing("O").map(\.rules) == [["B-cycle"]])
        #expect(try store.standing("I").map(\.inForce) == [true])
    }
}

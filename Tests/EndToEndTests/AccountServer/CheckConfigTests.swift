import Foundation
import NKeys
import RealServers
import Testing

/// `credence account-server --check-config`, and where settings come from.
@Suite(.onOwnThread) struct CheckConfigTests {
    private let world: ServedWorld

    init() throws { world = try ServedWorld() }

    private func check(
        _ arguments: [String], environment: [String: String] = [:], file: String? = nil
    ) throws -> Program {
        var arguments = ["account-server", "--check-config"] + arguments
        if let file {
            try world.deployment.folder.write(file, to: "server.json")
            arguments += ["--config", world.data("server.json")]
        }
        return try Program.credence(arguments, environment: environment)
    }

    @Test func `a configuration that holds is told so, and nothing is made`() throws {
        let run = try check(world.arguments())
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == "the configuration holds\n")
        #expect(!FileManager.default.fileExists(atPath: world.data()))
    }

    @Test func `settings come from flags, from the environment and from a file alike`() throws {
        let environment = ["CREDENCE_SERVER_OPERATOR": world.operatorFile, "CREDENCE_SERVER_DATA": world.data()]
        #expect(try check([], environment: environment).status == 0)
        let file =
            #"{"operator": "\#(world.operatorFile)", "data": "\#(world.data())", "read-only": true, "#
            + #""restrict": [], "upload-rate": 7, "log-format": "json"}"#
        #expect(try check([], file: file).status == 0)
        #expect(try check([]).status == 64)
    }

    @Test func `a flag goes before the environment, and the environment before the file`() throws {
        func policy(_ flag: String?, _ variable: String?, _ member: String?) throws -> (status: Int32, errors: String) {
            let run = try check(
                world.arguments() + (flag.map { ["--policy", $0] } ?? []),
                environment: variable.map { ["CREDENCE_SERVER_POLICY": $0] } ?? [:],
                file: member.map { #"{"policy": "\#($0)"}"# })
            return (run.status, run.errors)
        }
        // What a stronger one says stands, so that the weaker one's fault is not seen.
        #expect(try policy("strict", "wrong", "wrong").status == 0)
        #expect(try policy(nil, "strict", "wrong").status == 0)
        let flag = try policy("wrong", "strict", "strict")
        #expect(flag.status == 64 && flag.errors.contains("--policy"))
        let variable = try policy(nil, "wrong", "strict")
        #expect(variable.status == 64 && variable.errors.contains("CREDENCE_SERVER_POLICY"))
        let member = try policy(nil, nil, "wrong")
        #expect(member.status == 64 && member.errors.contains("server.json"))
    }

    @Test func `a name that is no setting refuses, wherever it stands`() throws {
        let flag = try check(world.arguments() + ["--read-onyl"])
        #expect(flag.status == 64)
        let variable = try check(world.arguments(), environment: ["CREDENCE_SERVER_READ_ONYL": "true"])
        #expect(variable.status == 64 && variable.errors.contains("`CREDENCE_SERVER_READ_ONYL`"))
        let member = try check(world.arguments(), file: #"{"read-onyl": true}"#)
        #expect(member.status == 65 && member.errors.contains("`read-onyl`"))
        // Other programs' variables are none of ours.
        #expect(try check(world.arguments(), environment: ["CREDENCE_OTHER": "x"]).status == 0)
    }

    @Test(arguments: [
        (["--policy", "loose"], 64), (["--listen", "9090"], 64), (["--listen", "::1:9090"], 64),
        (["--restrict", "upload"], 64), (["--restrict", "everything", "--credentials", "x"], 64),
        (["--tls-cert", "x"], 64), (["--tls-key", "x"], 64), (["--tls-client-ca", "x"], 64),
        (["--upload-rate", "0"], 64), (["--max-connections", "many"], 64), (["--store", "paper"], 64),
        (["--store", "jetstream"], 64), (["--self-signed-approved", "x"], 64), (["--log-level", "loud"], 64),
        (["--journal-segment-size", "1"], 64), (["--journal-keep-days", "0"], 64),
        (["--credentials", "/nonexistent"], 65), (["--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"], 65),
        (["--journal-key", "/nonexistent"], 66), (["--self-signed-key", "/nonexistent"], 66),
        (["--operator", "/nonexistent"], 66), (["--config", "/nonexistent"], 66),
    ])
    func `what is wrong ends with its exit code, one line and a name`(arguments: [String], status: Int) throws {
        let run = try check(world.arguments() + arguments)
        #expect(run.status == Int32(status), "\(run.errors)")
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("error: ") || run.errors.hasPrefix("Error: "), "\(run.errors)")
    }

    @Test(arguments: [
        ("{", 65), ("[]", 65), (#"{"policy": null}"#, 65), (#"{"policy": {"a": 1}}"#, 65), (#"{"restrict": [1]}"#, 65),
        (#"{"read-only": "true"}"#, 65), (#"{"policy": true}"#, 65), (#"{"policy": "strict", "policy": "strict"}"#, 65),
    ])
    func `a file that is not as it should be is told so`(text: String, status: Int) throws {
        let run = try check(world.arguments(), file: text)
        #expect(run.status == Int32(status), "\(run.errors)")
        #expect(run.errors.contains("server.json"), "\(run.errors)")
    }

    @Test func `an operator's token that is refused, a seed in its place and a seed of another role are told`() throws {
        try world.deployment.folder.write(world.deployment.accountToken("A"), to: "account.jwt")
        let account = try check(world.arguments() + ["--operator", world.data("account.jwt")])
        #expect(account.status == 1 && account.errors.contains("T-type"), "\(account.errors)")
        let seed = try world.write(KeyPair.generate(.account).seed, to: "account.seed")
        let text = try String(contentsOfFile: seed, encoding: .utf8)
        for arguments in [["--operator", seed], ["--journal-key", seed]] {
            let run = try check(world.arguments() + arguments)
            #expect(run.status == 65, "\(run.errors)")
            #expect(!run.errors.contains(text))
        }
    }
}

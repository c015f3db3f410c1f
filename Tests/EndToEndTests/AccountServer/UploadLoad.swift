import Dispatch
import Foundation
import NKeys
import Synchronization

/// Several uploaders at once, each with accounts of its own, of which it uploads one version after the other and notes
/// what was acknowledged.
final class UploadLoad: Sendable {
    /// How far an account has come. Versions are numbered from 1; 0 is none.
    struct Progress {
        /// The last version that was sent, whatever became of it.
        var sent = 0
        /// The last version that was answered with 200.
        var acknowledged = 0
    }

    /// When version 0 would have been issued.
    private static let epoch = 1_600_000_000

    let accounts: [String]
    private let versions: AccountVersions
    private let progress: Mutex<[String: Progress]>
    private let surprises = Mutex<[String]>([])

    init(_ versions: AccountVersions, accounts count: Int) throws {
        self.versions = versions
        accounts = try (0..<count).map { _ in try KeyPair.generate(.account).publicKey.text }
        progress = Mutex(Dictionary(uniqueKeysWithValues: accounts.map { ($0, Progress()) }))
    }

    /// How far each account has come.
    var state: [String: Progress] { progress.withLock { $0 } }

    /// Answers that no kill explains.
    var unexplained: [String] { surprises.withLock { $0 } }

    func token(of account: String, version: Int) throws -> String {
        try versions.token(of: account, issuedAt: Self.epoch + version)
    }

    /// Which version a token is.
    static func version(of token: String) throws -> Int {
        guard let issuedAt = try TokenText(token).payload["iat"] as? Int else { throw Fault("a token lacks `iat`") }
        return issuedAt - epoch
    }

    /// Uploads until every connection is broken: until the server is gone.
    ///
    /// - Parameter acknowledged: signalled for each upload that was acknowledged.
    /// - Returns: enters when the uploaders have begun, and is empty when all have ended.
    func begin(on port: Int, uploaders: Int, acknowledged: DispatchSemaphore) -> DispatchGroup {
        let group = DispatchGroup()
        for index in 0..<uploaders {
            group.enter()
            let own = accounts.enumerated().filter { $0.offset % uploaders == index }.map(\.element)
            Thread.detachNewThread { [self] in
                do {
                    try upload(own, on: HTTPCaller(port: port), acknowledged)
                } catch is HTTPCaller.Broken {
                } catch {
                    surprises.withLock { $0.append("\(error)") }
                }
                group.leave()
            }
        }
        return group
    }

    private func upload(_ own: [String], on caller: HTTPCaller, _ acknowledged: DispatchSemaphore) throws {
        while true {
            for account in own {
                let version = progress.withLock { progress in
                    progress[account, default: Progress()].sent += 1
                    return progress[account]?.sent ?? 0
                }
                let token = try token(of: account, version: version)
                let reply = try caller.ask("POST", "/jwt/v1/accounts/\(account)", body: token)
                if reply.status == 200 {
                    progress.withLock { $0[account]?.acknowledged = version }
                    acknowledged.signal()
                } else {
                    surprises.withLock { $0.append("version \(version): \(reply.status) \(reply.body)") }
                }
            }
        }
    }
}

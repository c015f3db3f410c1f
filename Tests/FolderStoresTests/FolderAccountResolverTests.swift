import Foundation
import NKeys
import Testing
import Trust

@testable import FolderStores

@Suite("Accounts found in folders")
struct FolderAccountResolverTests {
    private static let corpus =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/Testdata/nsc"

    @Test("both layouts of one deployment answer with the same tokens")
    func layouts() throws {
        let named = try FolderAccountResolver(FolderStore(at: "\(Self.corpus)/stores/CORP"))
        let keyed = try FolderAccountResolver(FolderStore(at: "\(Self.corpus)/resolver-dir"))
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.corpus)/resolver-dir")
        let keys = names.filter { $0.hasSuffix(".jwt") }.compactMap { try? PublicKey(String($0.dropLast(4))) }
        #expect(keys.count == 9)
        for key in keys {
            let token = try #require(try Self.token(of: key, in: keyed))
            #expect(try Self.token(of: key, in: named) == token)
        }
        #expect(named.faults.isEmpty)
    }

    @Test("an account that is not there is not known, and one that cannot be read is an error")
    func absent() throws {
        let folder = try TemporaryFolder()
        let other = try KeyPair.generate(.account).publicKey
        let held = try KeyPair.generate(.account).publicKey
        try folder.makeFolder("\(held.text).jwt")
        try folder.write("eyJ", to: "\(try KeyPair.generate(.account).publicKey.text).jwt")
        let resolver = try FolderAccountResolver(FolderStore(at: folder.path))
        #expect(try Self.token(of: other, in: resolver) == nil)
        #expect(throws: AccountResolverError.self) { try resolver.account(for: held) }
    }

    private static func token(of key: PublicKey, in resolver: FolderAccountResolver) throws -> String? {
        guard case .token(let token)? = try resolver.account(for: key) else { return nil }
        return token
    }
}

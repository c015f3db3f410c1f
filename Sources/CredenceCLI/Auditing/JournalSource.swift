import Audit
import NKeys
import Trust

/// The accounts as the uploads of a journal left them, and whether the journal is whole.
///
/// Where the chain of entries breaks is a finding; what stands behind it is read all the same, each stretch by itself.
struct JournalSource: TokenSource {
    /// The largest journal that is read, in bytes.
    static let sizeLimit = 1 << 30
    private static let faultLimit = 1_000

    let operatorToken: StoredToken? = nil
    let faults: [AuditFault]
    private let accounts: [AuditEntry]
    /// The versions that later ones replaced.
    let earlier: [AuditEntry]

    /// Reads a journal.
    ///
    /// - Parameter file: what the journal is called in findings.
    init(_ bytes: [UInt8], file: String) {
        var latest: [PublicKey: AuditEntry] = [:]
        var earlier: [AuditEntry] = []
        var faults: [AuditFault] = []
        var reader = JournalReader()
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty {
            let origin = Origin(file: file, line: index + 1)
            do throws(JournalReader.Fault) {
                let entry = try line.withUnsafeBufferPointer { (line) throws(JournalReader.Fault) in
                    try reader.read(line)
                }
                guard entry.outcome != .refused, let key = try? PublicKey(entry.account, role: .account) else {
                    continue
                }
                if let old = latest.removeValue(forKey: key) { earlier.append(old) }
                if entry.outcome == .accepted {
                    latest[key] = AuditEntry(
                        name: key.text, filedUnder: key, origin: origin, token: Array(entry.token.utf8))
                }
            } catch {
                if faults.count < Self.faultLimit {
                    faults.append(AuditFault(.journalBroken, in: origin, error.description))
                }
                // What follows is held to this line as it stands.
                reader = line.withUnsafeBufferPointer { JournalReader(goingOnBehind: $0) }
            }
        }
        accounts = latest.values.sorted { $0.origin.line ?? 0 < $1.origin.line ?? 0 }
        self.earlier = earlier
        self.faults = faults
    }

    var count: Int { accounts.count }

    func entries(in range: Range<Int>) -> [AuditEntry] { Array(accounts[range]) }

    /// The versions of accounts that later ones replaced, to compare with.
    struct Earlier: TokenSource {
        let operatorToken: StoredToken? = nil
        let faults: [AuditFault] = []
        let accounts: [AuditEntry]

        var count: Int { accounts.count }

        func entries(in range: Range<Int>) -> [AuditEntry] { Array(accounts[range]) }
    }
}

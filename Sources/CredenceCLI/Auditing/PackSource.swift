import Audit
import NKeys

/// The tokens in a pack, as an account server hands out all of its accounts: `KEY|TOKEN` a line.
struct PackSource: TokenSource {
    /// The largest pack that is read, in bytes.
    static let sizeLimit = 1 << 30
    /// How many accounts a pack may have.
    static let countLimit = 4_000_000
    /// How many malformed lines are told one by one.
    private static let faultLimit = 1_000

    private struct Line {
        let number: Int
        let key: PublicKey
        let token: Range<Int>
    }

    let operatorToken: StoredToken? = nil
    let faults: [AuditFault]
    private let file: String
    private let bytes: [UInt8]
    private let lines: [Line]

    /// Reads a pack. A line that is none is a fault with its number; empty lines are passed over.
    ///
    /// - Parameter file: what the pack is called in findings.
    init(_ bytes: [UInt8], file: String) throws(CommandFailure) {
        var lines: [Line] = []
        var faults: [AuditFault] = []
        var untold = 0
        var number = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            number += 1
            switch Self.read(bytes, start..<end) {
            case .empty: break
            case .account(let key, let token): lines.append(Line(number: number, key: key, token: token))
            case .fault(let message):
                if faults.count < Self.faultLimit {
                    faults.append(AuditFault(.packLine, in: Origin(file: file, line: number), message))
                } else {
                    untold += 1
                }
            }
            guard lines.count <= Self.countLimit else {
                throw CommandFailure(
                    .badInput,
                    "\(file.isEmpty ? "the pack" : Files.quoted(file)) has more than "
                        + "\(Self.countLimit) accounts", hint: "audit the store's folder instead")
            }
            start = end + 1
        }
        if untold > 0 {
            faults.append(
                AuditFault(.packLine, in: Origin(file: file), "\(untold) more lines are not `KEY|TOKEN` either"))
        }
        self.bytes = bytes
        self.file = file
        self.lines = lines
        self.faults = faults
    }

    private enum Reading {
        case empty
        case account(PublicKey, Range<Int>)
        case fault(String)
    }

    private static func read(_ bytes: [UInt8], _ line: Range<Int>) -> Reading {
        var line = line
        if line.last.map({ bytes[$0] }) == UInt8(ascii: "\r") { line = line.dropLast() }
        guard !line.isEmpty else { return .empty }
        guard let bar = bytes[line].firstIndex(of: UInt8(ascii: "|")) else {
            return .fault("the line has no `|` between a key and a token")
        }
        let key: PublicKey
        do throws(KeyTextError) {
            key = try PublicKey(utf8: bytes.span.extracting(line.lowerBound..<bar), anyOf: KeyRoles(.account))
        } catch {
            return .fault("what stands before the `|` is not the key of an account: \(error)")
        }
        let token = bar + 1..<line.upperBound
        return token.isEmpty ? .fault("there is no token behind the `|`") : .account(key, token)
    }

    var count: Int { lines.count }

    func entries(in range: Range<Int>) -> [AuditEntry] {
        lines[range].map { line in
            AuditEntry(
                name: line.key.text, filedUnder: line.key, origin: Origin(file: file, line: line.number),
                token: Array(bytes[line.token]))
        }
    }
}

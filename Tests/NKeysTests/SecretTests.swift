import Foundation
import NKeys
import Synchronization
import Testing

/// What must not be seen of secrets, and what becomes of their memory.
@Suite struct SecretTests {
    @Test func `secrets do not print`() throws {
        let seed = try Seed.generate(.user)
        let pair = try KeyPair(seed)
        let curve = try KeyPair.generate(.curve)
        let creds = try CredentialsFile.render(token: Array("a.b.c".utf8), seed: seed)
        let secrets: [Any] = [
            seed, pair, creds, try CredentialsFile(parsing: creds), try SharedKey(curve, with: curve.publicKey),
        ]
        let text = seed.withUnsafeText { String(decoding: $0, as: UTF8.self) }
        for secret in secrets + [secrets, Optional(seed) as Any] {
            var dumped = ""
            dump(secret, to: &dumped)
            for shown in [String(describing: secret), String(reflecting: secret), "\(secret)", dumped] {
                #expect(!shown.contains(text.dropFirst(4).prefix(8)))
                // Memory shown as numbers or as an address would be in here.
                #expect(!shown.contains("0x"))
                #expect(!shown.contains("memory"))
            }
        }
        #expect("\(seed)" == "seed of a user key")
        #expect(String(reflecting: try Seed.generate(.operator)) == "seed of an operator key")
        #expect("\(pair)" == "key pair of `\(pair.publicKey.text)`")
    }

    #if DEBUG  // what looks at released memory is not in a release build
        @Test func `the memory of a seed and of its pair is wiped when the last reference goes`() throws {
            let released = Released()
            let observe: @Sendable (UnsafeRawBufferPointer) -> Void = { released.see($0) }
            try SecretBytes.$released.withValue(observe) {
                var pair: KeyPair? = try KeyPair.generate(.account)
                let seed = pair?.seed
                #expect(seed?.withUnsafeText { $0.contains { $0 != 0 } } == true)
                pair = nil
                // The expanded secret went with the pair; the seed is still held.
                #expect(released.counts == [64])
                #expect(seed?.withUnsafeText { $0.contains { $0 != 0 } } == true)
                _ = consume seed
            }
            #expect(released.counts.count == 2)
            #expect(released.dirty == 0)
        }

        @Test func `a text that is no seed leaves nothing behind either`() throws {
            let released = Released()
            var text = try Seed.generate(.user).withUnsafeText { Array($0) }
            text[20] = text[20] == 0x41 ? 0x42 : 0x41
            SecretBytes.$released.withValue({ released.see($0) }) {
                text.withUnsafeBufferPointer { bytes in
                    #expect(throws: KeyTextError.checksum) { try Seed(utf8: bytes) }
                }
            }
            #expect(released.counts.count == 1)
            #expect(released.dirty == 0)
        }
    #endif

    @Test func `the memory of a secret is read-only and left out of core dumps`() throws {
        let secret = try #require(
            SecretBytes(capacity: 32) {
                $0.copyBytes(from: 1...32); return 32
            })
        #expect(secret.withUnsafeBytes { Array($0) } == Array(1...32))
        let address = secret.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        // Not `String(contentsOfFile:)`, which reads one page of such a file.
        let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let maps = String(decoding: try #require(try file.readToEnd()), as: UTF8.self).split(separator: "\n")
        let start = try #require(maps.firstIndex { range(ofMapping: $0)?.contains(address) == true })
        #expect(maps[start].contains(" r--p "))
        let flags = try #require(maps[start...].first { $0.hasPrefix("VmFlags:") })
        #expect(flags.split(separator: " ").contains("dd"))
        // The pages before and after it cannot be touched at all.
        #expect(maps[..<start].last { range(ofMapping: $0) != nil }?.contains(" ---p ") == true)
        #expect(secret.count == 32)  // still held
    }

    @Test func `a buffer that was filled in part counts that part`() throws {
        let part = try #require(
            SecretBytes(capacity: 100) {
                $0[0] = 9; return 1
            })
        #expect(part.withUnsafeBytes { Array($0) } == [9])
        #expect(SecretBytes(capacity: 4) { _ in 900 }?.count == 4)
        #expect(SecretBytes(capacity: 0) { _ in 0 }?.count == 0)
        #expect(SecretBytes(capacity: -1) { _ in 0 } == nil)
        #expect(SecretBytes(capacity: .max) { _ in 0 } == nil)
    }

    @Test func `a wiped buffer holds zeros`() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeMutableBytes { SecretBytes.wipe($0) }
        #expect(bytes == [0, 0, 0])
        SecretBytes.wipe(&bytes)
        #expect(bytes.isEmpty)
    }

    private func range(ofMapping line: Substring) -> Range<UInt>? {
        let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
        return bounds.count == 2 && bounds[0] < bounds[1] ? bounds[0]..<bounds[1] : nil
    }
}

#if DEBUG
    /// Buffers seen at their release: their sizes, and how many still held something.
    private final class Released: Sendable {
        private let seen = Mutex<(counts: [Int], dirty: Int)>(([], 0))
        var counts: [Int] { seen.withLock { $0.counts } }
        var dirty: Int { seen.withLock { $0.dirty } }

        func see(_ buffer: UnsafeRawBufferPointer) {
            let isDirty = buffer.contains { $0 != 0 }
            seen.withLock {
                $0.counts.append(buffer.count)
                if isDirty { $0.dirty += 1 }
            }
        }
    }
#endif

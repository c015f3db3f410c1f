import NKeys

/// The accounts and texts that `StoreCrasher` stores, so that those who look afterwards know what was.
package enum CrashToken {
    /// One account of each index.
    package static func key(_ index: Int) -> PublicKey {
        // The point of Ed25519 need not be one that anybody holds the secret of; some bytes are refused, others not.
        var last: UInt8 = 0
        while true {
            var bytes = [UInt8](repeating: 7, count: 32)
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: index).littleEndian) {
                bytes.replaceSubrange(0..<4, with: $0)
            }
            bytes[31] = last & 0x7F
            if let key = try? PublicKey(role: .account, rawBytes: bytes) { return key }
            last &+= 1
        }
    }

    /// A text with the characters and about the length of a token.
    package static func text(_ index: Int, _ number: Int) -> String {
        "\(index).\(number)." + String(repeating: "x", count: 700 + number % 500)
    }
}

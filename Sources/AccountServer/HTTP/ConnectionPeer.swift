import NKeys
import NIOSSL
import Synchronization

/// The other side of a connection, as far as the connection itself shows it.
final class ConnectionPeer: Sendable {
    /// How the connection is protected.
    enum Protection: Hashable, Sendable { case none, tls }

    /// Where it comes from.
    let address: CallerAddress
    /// How the connection is protected.
    let protection: Protection
    private let fingerprint = Mutex<[UInt8]?>(nil)

    init(address: CallerAddress, protection: Protection) {
        (self.address, self.protection) = (address, protection)
    }

    /// The SHA-256 of the client's certificate in DER form, when it showed one that the client authorities signed.
    var certificate: [UInt8]? { protection == .none ? nil : fingerprint.withLock { $0 } }

    /// The handshake brought a certificate.
    func showed(_ certificate: NIOSSLCertificate) {
        guard let bytes = try? certificate.toDERBytes() else { return }
        fingerprint.withLock { $0 = SHA256.hash(bytes) }
    }
}

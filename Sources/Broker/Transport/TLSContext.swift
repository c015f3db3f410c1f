import Glibc
import NIOCore
import NIOSSL

/// Makes of certificate files what TLS needs.
enum TLSContext {
    /// - Throws: `StartFault` that names the file.
    static func make(_ tls: BrokerTLS) throws(MessageBroker.StartFault) -> NIOSSLContext {
        let chain = try certificates(in: tls.certificateChain)
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: tls.privateKey, format: .pem)
        } catch {
            throw MessageBroker.StartFault(
                "`\(tls.privateKey)` holds no private key in PEM form without a passphrase",
                hint: "name the key's file in `key_file`, and see that it can be read")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        switch tls.clientCertificates {
        case .notAsked: configuration.certificateVerification = .none
        case .required(let authorities):
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try certificates(in: authorities))
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw MessageBroker.StartFault(
                "the certificate in `\(tls.certificateChain)` and the key in `\(tls.privateKey)` do not fit")
        }
    }

    private static func certificates(in file: String) throws(MessageBroker.StartFault) -> [NIOSSLCertificate] {
        guard let found = try? NIOSSLCertificate.fromPEMFile(file), !found.isEmpty else {
            throw MessageBroker.StartFault(
                "`\(file)` holds no certificate in PEM form", hint: "see that the file is there and can be read")
        }
        return found
    }
}

extension IOError {
    /// What the system says of it.
    var localizedText: String { String(cString: strerror(errnoCode)) }
}

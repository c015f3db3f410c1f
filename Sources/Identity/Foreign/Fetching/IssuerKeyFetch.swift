import Synchronization

/// Fetches the keys of one issuer: from the address in the configuration, or from the one that its discovery document
/// names. That document is asked again no earlier than the keys would be, unless they are not where it says.
final class IssuerKeyFetch: Sendable {
    private let issuer: ForeignIssuer
    private let documents: any DocumentFetching
    private let clock: KeySetCache.Clock
    private let discovered = Mutex<(address: KeyAddress, since: Duration)?>(nil)

    init(_ issuer: ForeignIssuer, documents: any DocumentFetching, clock: KeySetCache.Clock) {
        (self.issuer, self.documents, self.clock) = (issuer, documents, clock)
    }

    /// The issuer's keys.
    func keys() async throws(DocumentFault) -> KeySet {
        let address = try await address()
        do throws(DocumentFault) {
            let bytes = try await documents.document(at: address)
            return await KeySet(try Self.document(bytes), for: issuer.algorithms)
        } catch {
            discovered.withLock { $0 = nil }
            throw error
        }
    }

    private static func document(_ bytes: [UInt8]) throws(DocumentFault) -> KeyDocument {
        do throws(KeyDocument.Fault) {
            return try KeyDocument(bytes)
        } catch {
            throw .keys(error)
        }
    }

    private func address() async throws(DocumentFault) -> KeyAddress {
        if case .url(let text) = issuer.keys {
            guard let address = KeyAddress(text) else { throw .connection("its address is not over https") }
            return address
        }
        let now = clock.now()
        let known = discovered.withLock { known in
            known.flatMap { now - $0.since < .seconds(issuer.freshKeys) ? $0.address : nil }
        }
        if let known { return known }
        let metadata = try await IssuerMetadata.fetched(from: issuer.issuer, with: documents)
        guard let address = metadata.keys else { throw .discovery("it has no `jwks_uri`") }
        discovered.withLock { $0 = (address, clock.now()) }
        return address
    }
}

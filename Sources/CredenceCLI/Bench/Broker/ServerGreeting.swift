import NATSWire

/// What a server says first, as far as it matters here.
struct ServerGreeting {
    private let text: [UInt8]

    /// Takes the JSON text of an INFO.
    init(_ text: UnsafeRawBufferPointer) { self.text = Array(text) }

    /// The characters to sign; nil where none are asked for.
    ///
    /// Found by its name where the server writes without white space and says nothing of TLS, as servers do: reading all
    /// of it would cost as much as the signature.
    func nonce() throws(LoadFault) -> [UInt8]? {
        if place(behind: "\"tls_required\"") == nil, let start = place(behind: "\"nonce\":\""),
            let end = text[start...].firstIndex(of: UInt8(ascii: "\""))
        {
            return Array(text[start..<end])
        }
        let announcement = try read()
        guard !announcement.requiresTLS else {
            throw .unsupported("the server demands TLS, which this load generator does not speak")
        }
        return announcement.nonce.map { Array($0.utf8) }
    }

    /// The server's version; empty when it says none.
    func version() throws(LoadFault) -> String { Printable.line(String(try read().version.prefix(64))) }

    private func read() throws(LoadFault) -> ServerAnnouncement {
        do throws(WireFault) {
            return try ServerAnnouncement(parsing: text)
        } catch {
            throw .malformed("\(error)")
        }
    }

    private func place(behind name: String) -> Int? {
        let name = Array(name.utf8)
        var place = 0
        while place + name.count <= text.count {
            if text[place] == name[0], text[place..<place + name.count].elementsEqual(name) {
                return place + name.count
            }
            place += 1
        }
        return nil
    }
}

extension Seed {
    /// Reads a file with one seed: bare, as in a keystore of nsc, with white space around it or not, or as the section
    /// with the label of a seed. The bytes hold a seed: the caller wipes them, or reads the file into `SecretBytes`.
    public convenience init(parsing text: UnsafeRawBufferPointer) throws(DecoratedTextError) {
        guard text.count <= CredentialsFile.sizeLimit else { throw .tooLarge(text.count) }
        let sections = try DecoratedSections(in: text).sections
        let seeds = sections.filter { $0.kind == .seed }
        if seeds.count > 1 { throw .twoSeeds(line: seeds[1].line) }
        guard sections.isEmpty || seeds.count == 1 else { throw .noSeed }
        let value = seeds.first.map { text[$0.value] } ?? text.trimmingWhitespace
        try self.init(reading: UnsafeRawBufferPointer(rebasing: value))
    }

    /// Reads a file with one seed from locked memory.
    public convenience init(parsing text: SecretBytes) throws(DecoratedTextError) {
        defer { withExtendedLifetime(text) {} }
        try self.init(parsing: text.unsafeBytes)
    }

    /// Reads the seed of a user key.
    convenience init(userSeedIn value: UnsafeRawBufferPointer) throws(DecoratedTextError) {
        try self.init(reading: value)
        guard role == .user else { throw .seedRole(role) }
    }

    private convenience init(reading value: UnsafeRawBufferPointer) throws(DecoratedTextError) {
        do throws(KeyTextError) {
            try self.init(utf8: value.bindMemory(to: UInt8.self))
        } catch {
            throw error == .memory ? .memory : .seed(error)
        }
    }
}

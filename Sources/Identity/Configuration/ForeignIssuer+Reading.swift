import Trust

extension ForeignIssuer {
    /// Reads an issuer; nil when it is at fault. Everything that would weaken what is believed of it is refused here, so
    /// that a mistake in a file does not become one in a verdict.
    init?(reading given: ConfigurationObject, files: IdentityFiles) {
        var object = given
        let issuer = object.neededText("issuer", "the issuer, as it stands in `iss`,")
        let audiences = object.texts("audiences")
        if !object.wasGiven("audiences") {
            object.fault("audiences", "the audiences by which its tokens mean this service are missing")
        }
        let algorithms = Self.algorithms(&object)
        let keys = Self.keys(&object, issuer: issuer, files)
        let kind = object.word("tokens", of: [TokenKind.access, .id, .plain])
        let leeway = object.integer("leeway", in: 0...300, unit: "seconds")
        let age = object.integer("maximum_age", in: 1...31_536_000, unit: "seconds")
        let required = object.texts("required_claims")
        let use = object.word("use", of: [UseWord.repeated, .once])
        let kept = object.integer("keep_keys", in: 0...2_592_000, unit: "seconds")
        let fresh = object.integer("fresh_keys", in: 1...86_400, unit: "seconds")
        let between = object.integer("refetch_interval", in: 1...3600, unit: "seconds")
        let authorities = object.text("ca")
        if let authorities { _ = object.file(authorities, as: "ca", files) }
        object.end()
        if let fresh, let kept, kept < fresh {
            object.fault("keep_keys", "keys are kept for less time than they are fresh: give at least \(fresh) seconds")
        }
        guard let issuer, let audiences, !audiences.isEmpty, !algorithms.isEmpty, let keys else { return nil }
        self.init(issuer: issuer, audiences: Set(audiences), algorithms: algorithms, keys: keys)
        self.kind = kind ?? self.kind
        self.leeway = leeway ?? self.leeway
        maximumAge = age ?? maximumAge
        requiredClaims = Set(required ?? [])
        self.use = use == .once ? .once : .repeated
        keepsKeys = kept ?? max(keepsKeys, fresh ?? 0)
        freshKeys = fresh ?? min(freshKeys, keepsKeys)
        refetchInterval = between ?? refetchInterval
        self.authorities = authorities
        let reported = object.faults.all.count
        for fault in faults where reported == 0 || !object.faults.isFaulty(object.place(of: fault.place)) {
            object.fault(fault.place, fault.message)
        }
    }

    private enum UseWord: String { case repeated, once }

    private static func algorithms(_ object: inout ConfigurationObject) -> Set<ForeignAlgorithm> {
        guard object.has("algorithms") else {
            _ = object.take("algorithms")
            object.fault("algorithms", "the algorithms are missing: a token does not choose its own")
            return []
        }
        var algorithms: Set<ForeignAlgorithm> = []
        for text in object.texts("algorithms") ?? [] {
            if let algorithm = ForeignAlgorithm(rawValue: text) {
                algorithms.insert(algorithm)
            } else {
                let names = ForeignAlgorithm.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
                object.fault("algorithms", "`\(text)` is not taken: it is one of \(names)")
            }
        }
        return algorithms
    }

    private static func keys(_ given: inout ConfigurationObject, issuer: String?, _ files: IdentityFiles) -> Keys? {
        guard given.has("keys") else {
            _ = given.take("keys")
            given.fault("keys", "say where its keys come from: `file`, `url`, `discovery` or `secret_file`")
            return nil
        }
        guard var object = given.object("keys") else { return nil }
        defer { object.end() }
        let ways = ["file", "url", "discovery", "secret_file"].filter(object.has)
        guard ways.count <= 1 else {
            object.faults.add(
                object.place, "keys come from one place only: `file`, `url`, `discovery` or `secret_file`")
            for way in ways { _ = object.take(way) }
            return nil
        }
        if let path = object.text("file") { return object.file(path, as: "file", files).map(Keys.set) }
        if let url = object.text("url") {
            guard KeyAddress(url) != nil else {
                object.fault("url", "keys are fetched over https, or over http from this machine alone")
                return nil
            }
            return .url(url)
        }
        if let path = object.text("secret_file") { return object.file(path, as: "secret_file", files).map(secret) }
        guard let discovery = object.take("discovery") else {
            if ways.isEmpty {
                object.faults.add(object.place, "it is to say `file`, `url`, `discovery` or `secret_file`")
            }
            return nil
        }
        guard discovery == .boolean(true) else {
            object.fault("discovery", "it is to be true, or to be left out")
            return nil
        }
        guard let issuer, KeyAddress(issuer) != nil else {
            object.fault("discovery", "the issuer is no address of `https://` that could be asked")
            return nil
        }
        return .discovery
    }

    /// A file of text ends with a line end that belongs to no secret; in a file of bytes every byte does.
    private static func secret(_ bytes: [UInt8]) -> Keys {
        var bytes = bytes
        let isText = bytes.dropLast().allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x0d }
        if isText, bytes.last == 0x0a {
            bytes.removeLast()
            if bytes.last == 0x0d { bytes.removeLast() }
        }
        return .secret(bytes)
    }
}

extension ConfigurationObject {
    /// What a file holds that this member names.
    func file(_ path: String, as name: String, _ files: IdentityFiles) -> [UInt8]? {
        do throws(IdentityFileFault) { return try files(path) } catch {
            fault(name, "`\(path)` cannot be read: \(error)")
            return nil
        }
    }
}

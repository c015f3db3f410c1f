import NKeys
import Trust

/// What the token endpoint and the authorization service are told, read from one file (Docs/Identity.md).
public struct IdentityConfiguration: Sendable {
    /// The names of this service, one of which a token has to be meant for.
    public var names: [AudienceName] = []
    /// The audiences that users may be asked for.
    public var audiences = AudienceRegistry()
    /// Foreign issuers.
    public var issuers: [ForeignIssuer] = []
    /// Whom they become.
    public var roles = RoleTable([])
    /// For how long tokens are issued at most, in seconds, whatever a role says.
    public var maximumLifetime: Int64 = 3600
    /// Paths of the seeds of signing keys, as they stand in the file.
    public var signingKeyFiles: [String] = []
    /// What the authorization service is told; nil when the file says nothing of one.
    public var callout: CalloutConfiguration?

    /// The longest `maximum_lifetime`: a day. What lives longer is not short-lived, and is not issued on a foreign word.
    public static let longestLifetime: Int64 = 86_400

    /// Nothing: no issuer, no role.
    public init() {}

    /// Reads a configuration: one JSON object by strict rules, in which nothing is unknown, twice, or of another type.
    ///
    /// Files that it names are asked of `files`; seeds are not read here.
    /// - Throws: every fault, each with its place.
    public init(reading text: [UInt8], files: IdentityFiles) throws(IdentityConfigurationRefusal) {
        let tree: JSONTree
        do throws(JSONTree.Fault) { tree = try JSONTree(text) } catch {
            throw IdentityConfigurationRefusal(
                IdentityConfigurationFault(
                    "", "it is no JSON object by strict rules: look at byte \(error.offset) (a member twice counts)"))
        }
        let faults = ConfigurationFaults()
        if let object = ConfigurationObject(tree, at: "", faults) { read(object, files) }
        if let first = faults.all.first { throw IdentityConfigurationRefusal(first, Array(faults.all.dropFirst())) }
    }

    /// Takes every path of a file that is not from the root as one from this folder: where the configuration stands.
    public mutating func locateFiles(in folder: String) {
        func located(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
        signingKeyFiles = signingKeyFiles.map(located)
        for index in issuers.indices { issuers[index].authorities = issuers[index].authorities.map(located) }
        callout?.locateFiles(located)
    }

    private mutating func read(_ given: ConfigurationObject, _ files: IdentityFiles) {
        var file = given
        names = file.audienceNames("names") ?? []
        audiences = Self.registry(&file)
        if let given = file.integer("maximum_lifetime", in: 1...Self.longestLifetime, unit: "seconds") {
            maximumLifetime = given
        }
        var issuers: [ForeignIssuer] = []
        for object in file.objects("issuers") ?? [] {
            guard let issuer = ForeignIssuer(reading: object, files: files) else { continue }
            if issuers.contains(where: { $0.issuer == issuer.issuer }) {
                object.fault("issuer", "`\(issuer.issuer)` is configured twice")
            }
            issuers.append(issuer)
        }
        self.issuers = issuers
        signingKeyFiles = file.texts("signing_keys") ?? []
        let context = Role.Context(
            issuers: file.faults.all.isEmpty ? Set(issuers.map(\.issuer)) : nil,
            audiences: Set(audiences.entries.map(\.name)), maximumLifetime: maximumLifetime)
        var roles: [Role] = []
        for object in file.objects("roles") ?? [] {
            guard let role = Role(reading: object, in: context) else { continue }
            if roles.contains(where: { $0.name == role.name }) { object.fault("name", "`\(role.name)` is named twice") }
            roles.append(role)
        }
        self.roles = RoleTable(roles)
        if let object = file.object("callout") {
            callout = CalloutConfiguration(reading: object, names: names, audiences: context.audiences)
        }
        file.end()
    }

    private static func registry(_ file: inout ConfigurationObject) -> AudienceRegistry {
        var entries: [AudienceRegistry.Entry] = []
        for object in file.objects("audiences") ?? [] {
            var object = object
            let name = object.audienceName("name", "the audience's name")
            let description = object.text("description") ?? ""
            var keys: [PublicKey] = []
            for element in object.elements("keys") ?? [] {
                guard let text = ConfigurationObject.text(element.value, at: element.place, object.faults) else {
                    continue
                }
                do throws(KeyTextError) {
                    let key = try PublicKey(text)
                    if keys.contains(key) { object.faults.add(element.place, "the key stands in the list twice") }
                    keys.append(key)
                } catch {
                    object.faults.add(element.place, "it is no public key: \(error)")
                }
            }
            object.end()
            guard let name else { continue }
            if entries.contains(where: { $0.name == name }) { object.fault("name", "`\(name)` is configured twice") }
            entries.append(AudienceRegistry.Entry(name: name, description: description, keys: keys))
        }
        return AudienceRegistry(entries)
    }
}

extension ConfigurationObject {
    /// A list of names of audiences, none twice.
    mutating func audienceNames(_ name: String) -> [AudienceName]? {
        var names: [AudienceName] = []
        guard let elements = elements(name) else { return nil }
        for element in elements {
            guard let text = Self.text(element.value, at: element.place, faults),
                let audience = audience(text, at: element.place)
            else { continue }
            if names.contains(audience) { faults.add(element.place, "`\(audience)` stands in the list twice") }
            names.append(audience)
        }
        return names
    }

    mutating func audienceName(_ name: String, _ what: String) -> AudienceName? {
        neededText(name, what).flatMap { audience($0, at: place(of: name)) }
    }

    func audience(_ text: String, at place: String) -> AudienceName? {
        do throws(AudienceFault) { return try AudienceName(text) } catch {
            faults.add(place, "\(error)")
            return nil
        }
    }
}

import FolderStores
import Testing

@Suite("Where stores and keys are")
struct StoreLocationsTests {
    @Test("without flags and variables they are where nsc has them")
    func defaults() throws {
        let places = try StoreLocations(environment: ["HOME": "/home/u"])
        #expect(places.settings == "/home/u/.config/nats/nsc")
        #expect(places.stores == "/home/u/.local/share/nats/nsc/stores")
        #expect(places.keys == "/home/u/.local/share/nats/nsc/keys")
    }

    @Test("variables go before the defaults, and flags before variables")
    func precedence() throws {
        let environment = [
            "HOME": "/home/u/", "NSC_HOME": "/nsc", "NKEYS_PATH": "/nkeys", "XDG_DATA_HOME": "/data",
            "XDG_CONFIG_HOME": "/config",
        ]
        let places = try StoreLocations(environment: environment)
        #expect([places.settings, places.stores, places.keys] == ["/nsc", "/data/nats/nsc/stores", "/nkeys"])
        let all = try StoreLocations(flags: .init(all: "/all", keys: "/k"), environment: environment)
        #expect([all.settings, all.stores, all.keys] == ["/all", "/all", "/k"])
        let some = try StoreLocations(flags: .init(settings: "/c", stores: "/s"), environment: environment)
        #expect([some.settings, some.stores, some.keys] == ["/c", "/s", "/nkeys"])
        let empty = try StoreLocations(
            environment: ["HOME": "/home/u/", "NSC_HOME": "", "NKEYS_PATH": "", "XDG_CONFIG_HOME": "/config"])
        #expect(empty.settings == "/config/nats/nsc")
        #expect(empty.keys == "/home/u/.local/share/nats/nsc/keys")
    }

    @Test("the folders of old versions are taken when their successors are not there")
    func oldFolders() throws {
        let environment = ["HOME": "/h"]
        let old: Set = ["/h/.nsc/nsc.json", "/h/.nsc/nats", "/h/.nkeys"]
        let places = try StoreLocations(environment: environment) { old.contains($0) }
        #expect([places.settings, places.stores, places.keys] == ["/h/.nsc", "/h/.nsc/nats", "/h/.nkeys"])
        let both = try StoreLocations(environment: environment) { _ in true }
        #expect(both.keys == "/h/.local/share/nats/nsc/keys")
    }

    @Test("without a home a folder that hangs on it is refused, and one that does not is not")
    func noHome() throws {
        #expect(throws: StoreFault(path: "settings", kind: .noHome)) { try StoreLocations(environment: [:]) }
        #expect(throws: StoreFault(path: "stores", kind: .noHome)) {
            try StoreLocations(environment: ["NSC_HOME": "/c"])
        }
        let places = try StoreLocations(flags: .init(all: "/all"), environment: [:])
        #expect(places.keys == "/all")
    }
}

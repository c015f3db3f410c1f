/// The checks of the module graph. Each takes what it judges as a value, so that a test can plant a fault.
enum Layering {
    /// Imports that the table does not allow.
    static func importFaults(in sources: [SourceFile], modules: [ModuleTable.Module]) -> [String] {
        sources.flatMap { source -> [String] in
            guard let module = modules.first(where: { $0.name == source.module }) else {
                return ["\(source.path): module \(source.module) is not in the table"]
            }
            let allowed = module.own.union(module.outside.keys).union(["Swift"])
            return source.imports.subtracting(allowed).sorted().map { "\(source.path) imports \($0)" }
        }
    }

    /// Lines of the table that nothing needs any more, and lines that contradict the rule of the core.
    static func tableFaults(for sources: [SourceFile], modules: [ModuleTable.Module]) -> [String] {
        var faults: [String] = []
        for module in modules {
            let used = Set(sources.filter { $0.module == module.name }.flatMap(\.imports))
            for name in module.outside.keys.sorted() where !used.contains(name) {
                faults.append("\(module.name) does not import \(name) any more")
            }
            for (name, reason) in module.outside where reason.isEmpty {
                faults.append("\(module.name) imports \(name) for no stated reason")
            }
            if ModuleTable.core.contains(module.name) {
                let barred = ModuleTable.barredFromCore.intersection(module.outside.keys)
                faults += barred.sorted().map { "the core module \(module.name) may import \($0)" }
                if !module.products.isEmpty { faults.append("the core module \(module.name) depends on a package") }
            }
        }
        return faults
    }

    /// Modules that come back to themselves through those that they may import.
    static func cycles(in modules: [ModuleTable.Module]) -> [String] {
        var below: [String: Set<String>] = [:]
        for module in modules { below[module.name] = module.own }
        for _ in modules {
            for (name, own) in below { below[name] = own.union(own.flatMap { below[$0] ?? [] }) }
        }
        return below.filter { $0.value.contains($0.key) }.keys.sorted()
    }

    /// Where the manifest and the table disagree.
    static func manifestFaults(
        _ manifest: Manifest, modules: [ModuleTable.Module], packages: Set<String>, partsOfTests: Set<String> = []
    ) -> [String] {
        var faults: [String] = []
        for name in manifest.packages.symmetricDifference(packages).sorted() {
            faults.append("the package \(name) stands in only one of manifest and table")
        }
        for target in manifest.targets where !target.isTest {
            if partsOfTests.contains(target.name) {
                if !target.isBelowTests { faults.append("the target \(target.name) does not stand below Tests") }
                continue
            }
            if target.isSystemLibrary {
                if !ModuleTable.systemLibraries.contains(target.name) {
                    faults.append("the system library \(target.name) is not in the table")
                }
                continue
            }
            guard let module = modules.first(where: { $0.name == target.name }) else {
                faults.append("the target \(target.name) is not in the table")
                continue
            }
            for name in target.dependencies.intersection(partsOfTests).sorted() {
                faults.append("the target \(target.name) depends on \(name), which is for tests")
            }
            let systemLibraries = ModuleTable.systemLibraries.intersection(module.outside.keys)
            let allowed = module.own.union(systemLibraries).union(module.products)
            for name in target.dependencies.subtracting(allowed).subtracting(partsOfTests).sorted() {
                faults.append("the target \(target.name) depends on \(name), which the table does not allow")
            }
        }
        let targets = Set(manifest.targets.map(\.name))
        for name in partsOfTests.subtracting(targets).sorted() {
            faults.append("the part of tests \(name) is no target")
        }
        for module in modules where !targets.contains(module.name) {
            faults.append("the module \(module.name) of the table is no target")
        }
        return faults
    }

    /// Imports that the target does not declare. The package manager does not enforce its own graph.
    static func undeclaredImports(in sources: [SourceFile], manifest: Manifest) -> [String] {
        let ours = Set(manifest.targets.map(\.name)).union(manifest.products)
        return sources.flatMap { source -> [String] in
            let target = manifest.targets.first { $0.name == source.module }
            let missing = source.imports.intersection(ours).subtracting(target?.dependencies ?? [])
            return missing.sorted().map { "\(source.path) imports \($0), which its target does not declare" }
        }
    }

    /// Files of `Trust` that name a type of a later folder.
    static func folderFaults(in sources: [SourceFile], order: [String]) -> [String] {
        var faults: [String] = []
        var offers: [Int: [(name: String, path: String)]] = [:]
        var declared: [Int: Set<String>] = [:]
        for source in sources {
            guard let position = order.firstIndex(of: source.folder) else {
                faults.append("\(source.path) stands in none of the folders \(order.joined(separator: ", "))")
                continue
            }
            offers[position, default: []] += source.offeredNames.map { ($0, source.path) }
            declared[position, default: []].formUnion(source.declaredNames)
        }
        for source in sources {
            guard let position = order.firstIndex(of: source.folder) else { continue }
            let words = source.namedWords
            // A name that is declared here or earlier too is taken for that one.
            let known = (0...position).reduce(into: Set<String>()) { $0.formUnion(declared[$1] ?? []) }
            for later in order.indices where later > position {
                for (name, path) in offers[later] ?? [] where words.contains(name) && !known.contains(name) {
                    faults.append("\(source.path) names \(name), a type of the later \(path)")
                }
            }
        }
        return faults.sorted()
    }

    /// Types that bear the name of a module: then the module's other types could not be named in full.
    static func typesNamedAsModules(in sources: [SourceFile], modules: Set<String>) -> [String] {
        sources.flatMap { source in
            source.declaredNames.intersection(modules).sorted().map { "\(source.path) declares a type named \($0)" }
        }
    }

    /// Paths that differ by upper and lower case alone: some file systems take them for one.
    static func pathsThatDifferByCase(in files: [String]) -> [String] {
        var paths: Set<String> = []
        for file in files {
            let parts = file.split(separator: "/")
            for count in parts.indices { paths.insert(parts[0...count].joined(separator: "/")) }
        }
        return Dictionary(grouping: paths) { $0.lowercased() }.values.filter { $0.count > 1 }
            .map { $0.sorted().joined(separator: " and ") }.sorted()
    }
}

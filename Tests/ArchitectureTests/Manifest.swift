/// What `Package.swift` declares, as far as the checks need it.
struct Manifest {
    struct Target {
        let name: String
        /// A test, or a program that tests start.
        let isTest: Bool
        let isSystemLibrary: Bool
        let dependencies: Set<String>
    }

    let targets: [Target]
    /// Outside packages, by the last part of their address.
    let packages: Set<String>
    /// Products of outside packages that targets name.
    let products: Set<String>
    let usesUnsafeFlags: Bool

    init(_ text: String) {
        packages = Set(text.matches(of: /\.package\(\s*url: "[^"]*\/([^"\/]+?)(?:\.git)?"/).map { String($0.output.1) })
        products = Set(text.matches(of: /\.product\(name: "(\w+)"/).map { String($0.output.1) })
        usesUnsafeFlags = text.contains("unsafeFlags")
        let heads = text.matches(of: /\.(target|testTarget|executableTarget|systemLibrary)\(\s*name: "(\w+)"/)
        var targets: [Target] = []
        for (index, head) in heads.enumerated() {
            let end = index + 1 < heads.count ? heads[index + 1].range.lowerBound : text.endIndex
            let body = text[head.range.upperBound..<end]
            var dependencies: Set<String> = []
            if let list = body.firstMatch(of: /dependencies: \[((?:[^\[\]]|\[[^\[\]]*\])*)\]/)?.output.1 {
                dependencies = Set(list.matches(of: /\.product\(name: "(\w+)"[^)]*\)/).map { String($0.output.1) })
                let names = list.replacing(/\.product\([^)]*\)/, with: "")
                dependencies.formUnion(names.matches(of: /"(\w+)"/).map { String($0.output.1) })
            }
            targets.append(
                Target(
                    name: String(head.output.2),
                    isTest: head.output.1 == "testTarget" || body.contains("path: \"Tests/"),
                    isSystemLibrary: head.output.1 == "systemLibrary", dependencies: dependencies))
        }
        self.targets = targets
    }
}

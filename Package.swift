// swift-tools-version:6.1
import PackageDescription

// The modules by level; a module depends on lower levels only (Documentation/Architecture.md). A test compares the
// dependencies below with that table.
let package = Package(
    name: "Apus",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Apus", targets: ["Apus"]),
        .executable(name: "apus", targets: ["ApusCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // 1: C, the system and its libraries
        .target(name: "CApusKernels", exclude: ["kernels"]),
        .target(name: "ApusSystem"),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        // Debian's bzip2 has no file for pkg-config.
        .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"]), .brew(["bzip2"])]),
        .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"]), .brew(["xz"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(
            name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),

        // 2
        .target(name: "ApusGraph", dependencies: ["ApusSystem"]),
        .target(name: "ApusChemistry", dependencies: ["CApusKernels", "ApusSystem"]),
        .target(name: "ApusFiles", dependencies: ["ApusSystem"]),

        // 3
        .target(name: "ApusCPU", dependencies: ["ApusGraph", "CApusKernels", "ApusSystem"]),
        .target(
            name: "ApusFormats",
            dependencies: ["ApusFiles", "ApusSystem", "CZlib", "CBzip2", "CLzma", "CZstd", "CYaml", "CHDF5", "CSQLite"]
        ),

        // 4
        .target(
            name: "ApusPotentials",
            dependencies: ["ApusCPU", "ApusGraph", "ApusChemistry", "ApusFiles", "ApusSystem"]),
        .target(name: "ApusDatasets", dependencies: ["ApusChemistry", "ApusFiles", "ApusFormats", "ApusSystem"]),

        // 5
        .target(
            name: "ApusTraining",
            dependencies: [
                "ApusPotentials", "ApusDatasets", "ApusCPU", "ApusGraph", "ApusChemistry", "ApusFiles", "ApusSystem",
            ]),
        .target(name: "ApusReporting", dependencies: ["ApusChemistry", "ApusFiles", "ApusFormats", "ApusSystem"]),

        // 6
        .target(
            name: "ApusRun",
            dependencies: [
                "ApusTraining", "ApusReporting", "ApusPotentials", "ApusDatasets", "ApusCPU", "ApusGraph",
                "ApusChemistry", "ApusFiles", "ApusSystem", .product(name: "TOMLKit", package: "TOMLKit"),
            ]),

        // 7
        .target(
            name: "Apus",
            dependencies: [
                "ApusRun", "ApusTraining", "ApusReporting", "ApusPotentials", "ApusDatasets", "ApusFormats", "ApusCPU",
                "ApusGraph",
                "ApusChemistry", "ApusFiles",
            ]),
        .executableTarget(
            name: "ApusCommand",
            dependencies: [
                "ApusRun", "ApusTraining", "ApusReporting", "ApusPotentials", "ApusDatasets", "ApusFormats", "ApusCPU",
                "ApusGraph", "ApusChemistry", "ApusFiles", "ApusSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // What tests share: temporary folders, damaged files, the program in a process of its own.
        .testTarget(name: "ApusTestSupport", dependencies: ["ApusFiles", "ApusSystem"]),
        .testTarget(name: "CApusKernelsTests", dependencies: ["CApusKernels"]),
        .testTarget(name: "ApusSystemTests", dependencies: ["ApusSystem"]),
        .testTarget(name: "ApusGraphTests", dependencies: ["ApusGraph"]),
        .testTarget(name: "ApusCPUTests", dependencies: ["ApusCPU", "ApusGraph", "ApusSystem"]),
        .testTarget(name: "ApusChemistryTests", dependencies: ["ApusChemistry", "ApusSystem"]),
        .testTarget(name: "ApusFilesTests", dependencies: ["ApusFiles", "ApusSystem", "ApusTestSupport"]),
        .testTarget(name: "ApusFormatsTests", dependencies: ["ApusFormats", "ApusSystem", "ApusTestSupport"]),
        .testTarget(name: "ApusPotentialsTests", dependencies: ["ApusPotentials", "ApusSystem", "ApusTestSupport"]),
        .testTarget(
            name: "ApusDatasetsTests", dependencies: ["ApusDatasets", "ApusSystem", "ApusTestSupport"],
            exclude: ["Fixtures"]),
        .testTarget(name: "ApusTrainingTests", dependencies: ["ApusTraining", "ApusSystem", "ApusTestSupport"]),
        .testTarget(name: "ApusReportingTests", dependencies: ["ApusReporting", "ApusSystem", "ApusTestSupport"]),
        .testTarget(name: "ApusRunTests", dependencies: ["ApusRun", "ApusSystem", "ApusTestSupport"]),
        .testTarget(name: "ApusCommandTests", dependencies: ["ApusCommand", "ApusSystem", "ApusTestSupport"]),
    ]
)

// The documentation of the library as web pages is built with a plugin that nobody else needs (scripts/documentation).
if Context.environment["APUS_DOCUMENTATION"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"))
}

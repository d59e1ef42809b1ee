// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  // Concrete generic types are looked up by their mangled names, which a short command spends an
  // eighth of its life on; this way they are asked for directly.
  .unsafeFlags(
    ["-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"],
    .when(configuration: .release)),
]

// A fully static executable starts in a third of the time of one that is linked dynamically,
// and `devstart status` is little more than its own start.
let staticExecutable: [LinkerSetting] = [
  .unsafeFlags(["-static-executable"], .when(platforms: [.linux], configuration: .release))
]
let staticObjects: [SwiftSetting] = [
  .unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "devstart",
  products: [.executable(name: "devstart", targets: ["devstart"])],
  targets: [
    .target(name: "CDevstart", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .target(name: "DevstartCore", swiftSettings: strict),
    .target(
      name: "DevstartPlatform", dependencies: ["CDevstart", "DevstartCore"], swiftSettings: strict),
    .target(
      name: "DevstartRuntime", dependencies: ["DevstartPlatform", "DevstartCore"],
      swiftSettings: strict),
    .target(
      name: "DevstartControl", dependencies: ["DevstartPlatform", "DevstartCore"],
      swiftSettings: strict),
    .target(
      name: "DevstartCLI",
      dependencies: [
        "DevstartRuntime", "DevstartControl", "DevstartPlatform", "DevstartCore",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "devstart", dependencies: ["DevstartCLI"], swiftSettings: strict + staticObjects,
      linkerSettings: staticExecutable),
    .executableTarget(
      name: "devstart-fixture", path: "Tests/Fixture",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .target(
      name: "TestSupport", dependencies: ["CDevstart", "DevstartCore"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "DevstartCoreTests", dependencies: ["DevstartCore", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "DevstartPlatformTests",
      dependencies: ["DevstartPlatform", "DevstartCore", "TestSupport", "devstart-fixture"],
      swiftSettings: strict),
    .testTarget(
      name: "DevstartCLITests",
      dependencies: [
        "DevstartCLI", "DevstartControl", "DevstartPlatform", "DevstartCore", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["DevstartCore", "TestSupport", "devstart", "devstart-fixture"],
      swiftSettings: strict),
  ]
)

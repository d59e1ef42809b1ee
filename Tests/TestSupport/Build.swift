import Foundation

/// Where the programs under test are.
package enum Build {
  /// The folder that the test bundle was built into; `devstart` and the fixture are beside it.
  package static let folder: String = {
    let bundle = LinuxProcess(pid: getpid()).executable ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: bundle).deletingLastPathComponent().path
  }()

  /// `$DEVSTART_BINARY`, to test a release build, or the one that was built with the tests.
  package static let devstart =
    ProcessInfo.processInfo.environment["DEVSTART_BINARY"] ?? "\(folder)/devstart"

  package static let fixture = "\(folder)/devstart-fixture"

  /// `$DEVSTART_LONG`: the enumerations in full, not a sample.
  package static let isLong = ProcessInfo.processInfo.environment["DEVSTART_LONG"] != nil

  package static let isRoot = getuid() == 0

  /// An ordinary user for the tests that root runs (`nobody`).
  package static let ordinaryUser: UInt32 = 65_534
}

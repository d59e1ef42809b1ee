import Foundation
import Glibc

extension RunningCommand {
  /// posix_spawn(3) with default signals and an empty mask; the fixture's `launch` does what it
  /// cannot.
  static func spawn(_ plan: Plan, outputs: (stdout: Int32, stderr: Int32)) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, plan.input, O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, outputs.stdout, 1)
    posix_spawn_file_actions_adddup2(&actions, outputs.stderr, 2)
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))

    var pid: pid_t = 0
    let environment = plan.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let code = withStrings(plan.launchArguments) { arguments in
      withStrings(environment) { environment in
        // Returns once the program is executed, and has nothing of this process.
        Files.exclusively {
          posix_spawn(&pid, Build.fixture, &actions, &attributes, arguments, environment)
        }
      }
    }
    guard code == 0 else {
      throw TimedOut(
        description: "cannot start \(plan.program): \(String(cString: strerror(code)))")
    }
    return pid
  }

  /// A null-terminated array of C strings for as long as `body` runs.
  private static func withStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      guard let address = buffer.baseAddress else { preconditionFailure("an empty buffer") }
      return body(address)
    }
  }
}

extension RunningCommand.Plan {
  fileprivate var launchArguments: [String] {
    var words = ["devstart-fixture", "launch", folder]
    if startsSession { words.append("--session") }
    if let umask { words += ["--umask", umask] }
    if let files { words += ["--files", String(files)] }
    if let processes { words += ["--processes", String(processes)] }
    if let gate { words += ["--gate", gate] }
    if deniesPidfds { words.append("--no-pidfd") }
    for folder in socketFolders { words += ["--sockets-in", folder] }
    if let user { words += ["--user", String(user)] }
    return words + [program] + arguments
  }
}

import Glibc

/// How a program ended and what it said.
package struct CommandResult: Sendable {
  /// The exit code, or 128 and the signal's number.
  package var status: Int32
  package var stdout: String
  package var stderr: String
  package var duration: Duration

  package var output: String { stdout + stderr }
}

/// A program that the test started and waits for.
package final class RunningCommand {
  /// What to start; the environment is this alone.
  package struct Plan {
    package var program: String
    /// With the name it is called by.
    package var arguments: [String]
    package var environment: [String: String] = [:]
    package var folder = "/"
    /// The file that stdin is.
    package var input = "/dev/null"
    /// A new session, as a terminal gives to each shell; otherwise a new process group.
    package var startsSession = false
    /// Octal: `027`.
    package var umask: String?
    /// The limit of open files.
    package var files: Int?
    /// The limit of processes of the user, which binds everybody but root.
    package var processes: Int?
    /// A named pipe that the process, which exists already, waits for before it is the program.
    package var gate: String?
    /// Without pidfds, as before Linux 5.3.
    package var deniesPidfds = false
    /// If there are any, sockets as files can be made in these folders alone.
    package var socketFolders: [String] = []
    /// Another user's ID; only root may.
    package var user: UInt32?

    package init(program: String, arguments: [String]) {
      self.program = program
      self.arguments = arguments
    }
  }

  package let pid: Int32
  package let handle: ProcessHandle
  private let outputs: (stdout: Int32, stderr: Int32)
  private let began = ContinuousClock.now
  private var result: CommandResult?

  package var process: LinuxProcess { handle.process }
  package var isAlive: Bool { handle.isAlive }
  /// What it has said so far.
  package var stdoutSoFar: String { Self.text(of: outputs.stdout) }
  package var stderrSoFar: String { Self.text(of: outputs.stderr) }

  package init(_ plan: Plan) throws {
    // Files, not pipes: a pipe can be full, and what the program leaves behind may hold it open.
    outputs = (Self.namelessFile(), Self.namelessFile())
    pid = try Self.spawn(plan, outputs: outputs)
    guard let handle = ProcessHandle(pid: pid) else {
      throw TimedOut(description: "\(plan.program) was gone before it could be held")
    }
    self.handle = handle
  }

  deinit {
    close(outputs.stdout)
    close(outputs.stderr)
  }

  package func signal(_ number: Int32) { handle.signal(number) }

  /// Waits for its end; KILLs it and throws where it takes longer.
  package func wait(within time: Duration = .seconds(30)) throws -> CommandResult {
    if let result { return result }
    let ended = handle.hasEnded(within: time)
    if !ended { handle.kill() }
    let duration = ContinuousClock.now - began
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED) < 0, errno == EINTR {}
    let code = information._sifields._sigchld.si_status
    let ending = CommandResult(
      status: information.si_code == Int32(CLD_EXITED) ? code : 128 + code, stdout: stdoutSoFar,
      stderr: stderrSoFar, duration: duration)
    result = ending
    guard ended else {
      throw TimedOut(
        description: "\(pid) did not end in \(time); it said: \(ending.stdout)\(ending.stderr)")
    }
    return ending
  }

  private static func namelessFile() -> Int32 {
    var template = Array("/tmp/devstart-output-XXXXXX".utf8CString)
    // Another thread may spawn before the flag is set: `launch` closes what is not the program's.
    let file = mkstemp(&template)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    unlink(template)
    return file
  }

  private static func text(of file: Int32) -> String {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = pread(file, &chunk, chunk.count, off_t(content.count))
      if count <= 0 { return String(decoding: content, as: UTF8.self) }
      content.append(contentsOf: chunk[..<count])
    }
  }
}

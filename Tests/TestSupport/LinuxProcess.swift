import Foundation

/// One process as `/proc` shows it (proc(5)), independently of the product's own reading.
package struct LinuxProcess: Hashable, Sendable {
  package let pid: Int32

  package init(pid: Int32) { self.pid = pid }

  /// Every process that there is.
  package static func all() -> [LinuxProcess] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { Int32($0) }.map { LinuxProcess(pid: $0) }
  }

  package var arguments: [String] { zeroSeparated("cmdline") }
  /// `NAME=value` each; empty where it may not be read.
  package var environment: [String] { zeroSeparated("environ") }
  /// As ps(1) and top(1) call it.
  package var commandName: String? { Files.lines(path("comm")).first }
  package var executable: String? { link("exe") }
  package var workingDirectory: String? { link("cwd") }

  /// What each open descriptor is: a path, or such as `socket:[123]`.
  package var descriptors: [Int32: String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: path("fd"))) ?? []
    var descriptors: [Int32: String] = [:]
    for entry in entries {
      if let number = Int32(entry), let target = link("fd/\(entry)") {
        descriptors[number] = target
      }
    }
    return descriptors
  }

  /// Whether a descriptor is `O_CLOEXEC`, or has been closed.
  package func isClosedOnExec(_ descriptor: Int32) -> Bool {
    guard let text = Files.text(path("fdinfo/\(descriptor)")) else { return true }
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags:") }
    let octal = line?.split(whereSeparator: \.isWhitespace).last
    return octal.flatMap { Int32($0, radix: 8) }.map { $0 & O_CLOEXEC != 0 } ?? false
  }

  package var state: Character? { field(3)?.first }
  package var parent: Int32? { number(4) }
  package var group: Int32? { number(5) }
  package var session: Int32? { number(6) }
  /// The kernel's function that it sleeps in; `0` where it runs.
  package var waitChannel: String { Files.text(path("wchan")) ?? "no place" }
  /// Clock ticks from boot.
  package var startTicks: UInt64? { field(22).flatMap { UInt64($0) } }

  /// The processor time that it has taken, in clock ticks.
  package var processorTicks: Int32 { (number(14) ?? 0) + (number(15) ?? 0) }

  /// The effective user ID.
  package var user: UInt32? {
    var status = stat()
    return stat(path(""), &status) == 0 ? status.st_uid : nil
  }

  /// The processes whose parent this is.
  package var children: [LinuxProcess] { Self.all().filter { $0.parent == pid } }

  /// True for a child, a child's child and so on.
  package func descends(from ancestor: Int32) -> Bool {
    var current = parent
    while let pid = current, pid > 1 {
      if pid == ancestor { return true }
      current = LinuxProcess(pid: pid).parent
    }
    return false
  }

  /// How a failure names it.
  package var summary: String {
    let words = arguments.isEmpty ? "[no arguments]" : arguments.joined(separator: " ")
    return "\(pid) (\(state.map(String.init) ?? "gone"), parent \(parent ?? 0)) \(words)"
  }

  /// The fields of `stat` from the third on; the second may hold blanks and brackets.
  private var statFields: [Substring] {
    guard let text = Files.text(path("stat")), let bracket = text.lastIndex(of: ")") else {
      return []
    }
    return text[text.index(after: bracket)...].split(separator: " ")
  }

  private func field(_ number: Int) -> Substring? {
    // Read once: the process may be gone at the next reading.
    let fields = statFields
    return fields.count > number - 3 ? fields[number - 3] : nil
  }

  private func number(_ number: Int) -> Int32? { field(number).flatMap { Int32($0) } }

  private func path(_ name: String) -> String { "/proc/\(pid)/\(name)" }

  private func link(_ name: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: path(name))
  }

  private func zeroSeparated(_ name: String) -> [String] {
    guard let bytes = Files.bytes(path(name)), !bytes.isEmpty else { return [] }
    let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    return (bytes.last == 0 ? parts.dropLast() : parts[...]).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

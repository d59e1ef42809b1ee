/// What a scan of the process table tells of one process.
package struct ProcessFacts: Equatable, Sendable {
  package var identity: ProcessIdentity
  package var parent: Int32
  package var group: Int32
  package var session: Int32
  /// The effective user ID.
  package var user: UInt32
  /// The state's letter (proc(5)), another thread's where the first one has ended: `Z` is dead.
  package var state: UInt8
  /// The arguments; empty for kernel threads and zombies.
  package var arguments: [String]
  /// The executable's path; nil where it cannot be read.
  package var executable: String?
  /// nil where it cannot be read.
  package var workingDirectory: String?
  /// The launch that its environment names.
  package var marker: Marker?
  package var residentBytes: Int

  package init(
    identity: ProcessIdentity, parent: Int32, group: Int32, session: Int32, user: UInt32,
    state: UInt8 = UInt8(ascii: "S"), arguments: [String], executable: String? = nil,
    workingDirectory: String? = nil, marker: Marker? = nil, residentBytes: Int = 0
  ) {
    self.identity = identity
    self.parent = parent
    self.group = group
    self.session = session
    self.user = user
    self.state = state
    self.arguments = arguments
    self.executable = executable
    self.workingDirectory = workingDirectory
    self.marker = marker
    self.residentBytes = residentBytes
  }
}

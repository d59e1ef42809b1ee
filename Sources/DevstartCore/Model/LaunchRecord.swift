/// What a keeper has written of its launch: lines of text in a file of fixed size.
///
///     devstart-launch 1
///     launch 0f3c…
///     folder 2049 131072
///     boot 07072d62-70f9-4ae7-a3f0-9b5d28127a0b 4026531836
///     keeper 4711 123456
///     main 4712 123457
///     exit code 0
///     empty
package struct LaunchRecord: Equatable, Sendable {
  package static let heading = "devstart-launch 1"

  package var launch: String
  /// The folder the record was written in: a copied folder's records are not believed.
  package var folder: FolderIdentity
  package var world: ProcessWorld
  package var keeper: ProcessIdentity
  /// nil until main has been forked.
  package var main: ProcessIdentity?
  /// nil while main lives.
  package var exit: RecordedExit?
  /// Whether the keeper ended because nobody was left; one that was killed cannot say so.
  package var isTreeEmpty: Bool

  package struct FolderIdentity: Equatable, Sendable {
    package var device: UInt64
    package var inode: UInt64

    package init(device: UInt64, inode: UInt64) {
      self.device = device
      self.inode = inode
    }
  }

  /// A code, or a signal's number.
  package enum RecordedExit: Equatable, Sendable {
    case code(Int32)
    case signal(Int32)
  }

  /// The lines that the keeper does not know itself.
  package static func head(
    launch: String, folder: FolderIdentity, world: ProcessWorld
  ) -> String {
    """
    \(heading)
    launch \(launch)
    folder \(folder.device) \(folder.inode)
    boot \(world.bootID) \(world.pidNamespace)

    """
  }

  /// nil where the text is no whole record.
  package init?(parsing text: String) {
    var lines: [Substring: [Substring]] = [:]
    let all = text.split(separator: "\n")
    guard all.first == Self.heading[...] else { return nil }
    for line in all.dropFirst() {
      let words = line.split(separator: " ")
      if let key = words.first { lines[key] = Array(words.dropFirst()) }
    }
    guard let launch = lines["launch"]?.first,
      let folder = lines["folder"], folder.count == 2, let device = UInt64(folder[0]),
      let inode = UInt64(folder[1]),
      let boot = lines["boot"], boot.count == 2, let namespace = UInt64(boot[1]),
      let keeper = Self.identity(lines["keeper"]), let main = lines["main"]
    else { return nil }
    self.launch = String(launch)
    self.folder = FolderIdentity(device: device, inode: inode)
    world = ProcessWorld(bootID: String(boot[0]), pidNamespace: namespace)
    self.keeper = keeper
    self.main = Self.identity(main)
    exit = Self.exit(lines["exit"])
    isTreeEmpty = lines["empty"] != nil
  }

  private static func identity(_ words: [Substring]?) -> ProcessIdentity? {
    guard let words, words.count == 2, let pid = Int32(words[0]), pid > 0,
      let start = UInt64(words[1])
    else { return nil }
    return ProcessIdentity(pid: pid, startTicks: start)
  }

  private static func exit(_ words: [Substring]?) -> RecordedExit? {
    guard let words, words.count == 2, let value = Int32(words[1]) else { return nil }
    return words[0] == "code" ? .code(value) : .signal(value)
  }
}

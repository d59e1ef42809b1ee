import DevstartPlatform
import Glibc
import Testing

@Suite struct NearestManifestTests {
  @Test func `the nearest manifest upwards is found, and nested ones hide it`() throws {
    var template = Array("/tmp/nearest-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    let resolved = try #require(realpath(made, nil))
    let root = String(cString: resolved)
    free(resolved)
    let folders = ["/a", "/a/b", "/a/nested", "/a/nested/c"]
    for folder in folders { mkdir(root + folder, 0o755) }
    let files = ["/a/devstart.json", "/a/nested/devstart.json"]
    for file in files { close(open(root + file, O_CREAT | O_WRONLY, 0o644)) }
    defer {
      for path in files + folders.reversed() + [""] { remove(root + path) }
    }

    var nearest = NearestManifest()
    #expect(nearest(forDirectory: root + "/a/b") == root + files[0])
    #expect(nearest(forDirectory: root + "/a") == root + files[0])
    #expect(nearest(forDirectory: root + "/a/nested/c") == root + files[1])
    #expect(nearest(forDirectory: root + "/a/b") == root + files[0])
    #expect(nearest(forDirectory: root) == nil)
    #expect(nearest(forDirectory: "/") == nil)
    #expect(nearest(forDirectory: "relative") == nil)

    var own = NearestManifest(manifest: root + "/a/b/other.json")
    #expect(own(forDirectory: root + "/a/b") == root + "/a/b/other.json")
    #expect(own(forDirectory: root + "/a") == root + files[0])
  }
}

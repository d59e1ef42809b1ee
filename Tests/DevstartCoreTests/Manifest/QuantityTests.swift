import DevstartCore
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    ("1.5s", 1500), ("200ms", 200), ("5m", 300_000), ("24h", 86_400_000), ("1h30m", 5_400_000),
    ("0s", 0), ("2d", 172_800_000),
  ])
  func `durations are read`(text: String, milliseconds: Int) {
    #expect(Quantity.duration(text) == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    "", "5", "s", "-1s", "1 s", "1.s", ".5s", "1..5s", "1sec", "1S", "1e3s", "99999999999h", "1s ",
    "٣s",
  ])
  func `what is no duration is none`(text: String) {
    #expect(Quantity.duration(text) == nil)
  }

  @Test(arguments: [
    ("512MB", 536_870_912), ("2GB", 2_147_483_648), ("1MiB", 1_048_576), ("1.5k", 1536), ("7B", 7),
  ])
  func `sizes are powers of 1024`(text: String, bytes: Int) {
    #expect(Quantity.size(text) == bytes)
  }

  @Test(arguments: ["", "5", "MB", "1 MB", "1XB", "99999999999999TB", "1MBs", "1MB1"])
  func `what is no size is none`(text: String) {
    #expect(Quantity.size(text) == nil)
  }
}

import DevstartCore
import Testing

@Suite struct IPAddressTests {
  @Test(arguments: [
    ("127.0.0.1", IPAddress.loopback4), ("0.0.0.0", .version4(0)),
    ("255.255.255.255", .version4(.max)), ("10.1.2.3", .version4(0x0a01_0203)),
    ("::1", .loopback6), ("::", .version6(0, 0)), ("1::", .version6(1 << 48, 0)),
    ("fe80::aB:1", .version6(0xfe80 << 48, 0xab_0001)),
    ("1:2:3:4:5:6:7:8", .version6(0x0001_0002_0003_0004, 0x0005_0006_0007_0008)),
    ("1:2:3:4:5:6:7::", .version6(0x0001_0002_0003_0004, 0x0005_0006_0007_0000)),
    ("::ffff:127.0.0.1", .version6(0, 0xffff_7f00_0001)),
    ("1:2:3:4:5:6:1.2.3.4", .version6(0x0001_0002_0003_0004, 0x0005_0006_0102_0304)),
  ])
  func `an address is read`(text: String, expected: IPAddress) {
    #expect(IPAddress(text) == expected)
  }

  @Test(arguments: [
    "", ".", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.+4", "1.2.3.-4", "1.2.3.4 ",
    "٣.1.1.1",
    ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1%eth0",
    "+1::", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7:8::",
    "[::1]",
    "1:2:3:4::5:6:7:8",
  ])
  func `what is no address is none`(text: String) { #expect(IPAddress(text) == nil) }

  @Test func `an IPv4 address in IPv6's clothes is known as one`() {
    #expect(IPAddress("::ffff:127.0.0.1")?.unmapped == .loopback4)
    #expect(IPAddress("::ffff:0:1")?.unmapped == .version4(1))
    #expect(IPAddress.loopback6.unmapped == .loopback6)
    #expect(IPAddress("1::ffff:127.0.0.1").map { $0.unmapped == $0 } == true)
  }
}

import assert from "node:assert/strict";
import { addressKind, checkNotifyUrl } from "../../../../adapters/http/webhook/sender.js";

describe("which addresses a notification may go to", () => {
  const table = `
    # address                              kind
    1.1.1.1                                public
    93.184.215.14                          public
    172.15.255.255                         public
    172.32.0.1                             public
    100.63.255.255                         public
    2606:4700:4700::1111                   public
    2a00:1450:4001:81b::200e               public
    ::ffff:1.1.1.1                         public
    127.0.0.1                              loopback
    127.255.255.254                        loopback
    ::1                                    loopback
    0:0:0:0:0:0:0:1                        loopback
    ::ffff:127.0.0.1                       loopback
    ::ffff:7f00:1                          loopback
    0.0.0.0                                forbidden
    0.1.2.3                                forbidden
    10.0.0.1                               forbidden
    100.64.0.1                             forbidden
    100.100.100.200                        forbidden
    169.254.169.254                        forbidden
    172.16.0.1                             forbidden
    172.31.255.255                         forbidden
    192.0.0.192                            forbidden
    192.0.2.1                              forbidden
    192.168.1.1                            forbidden
    198.18.0.1                             forbidden
    198.51.100.1                           forbidden
    203.0.113.1                            forbidden
    224.0.0.1                              forbidden
    239.255.255.250                        forbidden
    240.0.0.1                              forbidden
    255.255.255.255                        forbidden
    ::                                     forbidden
    ::127.0.0.1                            forbidden
    ::ffff:10.0.0.1                        forbidden
    ::ffff:169.254.169.254                 forbidden
    ::ffff:0:127.0.0.1                     forbidden
    64:ff9b::10.0.0.1                      forbidden
    64:ff9b:1::a00:1                       forbidden
    100::1                                 forbidden
    2001::1                                forbidden
    2001:db8::1                            forbidden
    2002:7f00:1::1                         forbidden
    3fff::1                                forbidden
    fc00::1                                forbidden
    fd00:ec2::254                          forbidden
    fe80::1                                forbidden
    fe80::1%eth0                           forbidden
    fec0::1                                forbidden
    ff02::1                                forbidden
    localhost                              forbidden
    127.1                                  forbidden
  `;
  const rows = table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells.length === 2 && cells[0] !== "#") as [string, string][];
  for (const [address, kind] of rows)
    it(`${address} is ${kind}`, () => assert.equal(addressKind(address), kind));
});

describe("what the bridge accepts as notifyUrl", () => {
  const table: [url: string, strict: boolean, demo: boolean][] = [
    ["https://shop.example/notify?x=1", true, true],
    ["http://shop.example:8080/", true, true],
    ["https://1.1.1.1/", true, true],
    ["http://localhost:1/", false, true],
    ["http://LOCALHOST./", false, true],
    ["http://shop.localhost/", false, true],
    ["http://127.0.0.1/", false, true],
    ["http://127.1/", false, true],
    ["http://2130706433/", false, true],
    ["http://0x7f.1/", false, true],
    ["http://0177.0.0.1/", false, true],
    ["http://[::1]/", false, true],
    ["http://[::ffff:127.0.0.1]/", false, true],
    ["http://１２７.０.０.１/", false, true],
    ["http://10.0.0.1/", false, false],
    ["http://0/", false, false],
    ["http://169.254.169.254/latest/meta-data", false, false],
    ["http://[fe80::1]/", false, false],
    ["http://[fd00:ec2::254]/", false, false],
    ["http://[::ffff:a9fe:a9fe]/", false, false],
    ["https://user:word@shop.example/", false, false],
    ["https://user@shop.example/", false, false],
    ["ftp://shop.example/", false, false],
    ["file:///etc/passwd", false, false],
    ["javascript:alert(1)", false, false],
    ["//shop.example/", false, false],
    ["shop.example", false, false],
    ["", false, false],
    [`https://shop.example/${"x".repeat(2048)}`, false, false],
  ];
  for (const [url, strict, demo] of table)
    it(`${url.slice(0, 50)}: ${strict ? "yes" : demo ? "with allowLoopback" : "never"}`, () => {
      assert.deepEqual(
        [checkNotifyUrl(url).ok, checkNotifyUrl(url, { allowLoopback: true }).ok],
        [strict, demo],
      );
    });

  it("says why it refuses", () => {
    const check = checkNotifyUrl("http://10.0.0.1/");
    assert.match(check.ok ? "" : check.why, /not public/);
  });
});

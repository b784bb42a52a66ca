/**
 * Which addresses a merchant may name. An allow-list for IPv6 (global unicast only), the special-purpose registry for
 * IPv4, and whatever hides an IPv4 address inside an IPv6 one is judged by the address inside, or refused.
 * Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its successors).
 */
import { BlockList, isIP, isIPv4 } from "node:net";

export type AddressKind = "public" | "loopback" | "forbidden";

/** Everything in 0/0 that is not a public host, loopback apart. 169.254.169.254 and its like are in link-local. */
const forbiddenV4 = [
  "0.0.0.0/8", // this network, unspecified
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT, some clouds' metadata
  "169.254.0.0/16", // link-local, metadata services
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarking
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

/** Holes in 2000::/3. */
const forbiddenV6 = [
  "2001::/23", // protocol assignments, Teredo among them
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: an IPv4 address inside
  "3fff::/20", // documentation
];

function blockList(family: "ipv4" | "ipv6", ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net, bits] = range.split("/");
    list.addSubnet(net!, Number(bits), family);
  }
  return list;
}

const v4Forbidden = blockList("ipv4", forbiddenV4);
const v4Loopback = blockList("ipv4", ["127.0.0.0/8"]);
const v6Global = blockList("ipv6", ["2000::/3"]);
const v6Forbidden = blockList("ipv6", forbiddenV6);

/** `::ffff:0:0/96` is mapped IPv4, `64:ff9b::/96` the well-known NAT64 prefix: both reach the address inside. */
const carriesV4 = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

function embeddedV4(canonical: string): string | undefined {
  const found = carriesV4.exec(canonical);
  if (!found) return undefined;
  const high = Number.parseInt(found[1]!, 16);
  const low = Number.parseInt(found[2]!, 16);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/** What was judged lately: the same few merchants are told of every payment. */
const judged = new Map<string, AddressKind>();
const judgedMax = 1_000;

/** Kind of a literal address; text that is no address, or carries a zone, is forbidden. */
export function addressKind(address: string): AddressKind {
  const known = judged.get(address);
  if (known !== undefined) return known;
  if (judged.size >= judgedMax) judged.clear();
  const kind = kindOf(address);
  judged.set(address, kind);
  return kind;
}

function kindOf(address: string): AddressKind {
  if (isIPv4(address)) {
    if (v4Loopback.check(address, "ipv4")) return "loopback";
    return v4Forbidden.check(address, "ipv4") ? "forbidden" : "public";
  }
  if (isIP(address) !== 6 || address.includes("%")) return "forbidden";
  // The URL parser writes every spelling of an IPv6 address the same way.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const inside = embeddedV4(canonical);
  if (inside !== undefined) return addressKind(inside);
  if (canonical === "::1") return "loopback";
  return v6Global.check(canonical, "ipv6") && !v6Forbidden.check(canonical, "ipv6") ? "public" : "forbidden";
}

export interface NotifyUrlOptions {
  /** Let 127.0.0.0/8, ::1 and `localhost` pass. Default false; the demo sets it. */
  readonly allowLoopback?: boolean;
}

export const mayConnect = (address: string, { allowLoopback = false }: NotifyUrlOptions): boolean => {
  const kind = addressKind(address);
  return kind === "public" || (kind === "loopback" && allowLoopback);
};

export type NotifyUrlCheck = { readonly ok: true } | { readonly ok: false; readonly why: string };

const urlLengthMax = 2048;

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

/**
 * What can be said about a notify URL without asking DNS: the bridge refuses a bad one at once. A name that resolves
 * to a forbidden address is found by the sender, on every connection.
 */
export function checkNotifyUrl(url: string, options: NotifyUrlOptions = {}): NotifyUrlCheck {
  const refuse = (why: string): NotifyUrlCheck => ({ ok: false, why });
  if (url.length > urlLengthMax) return refuse(`the URL is longer than ${urlLengthMax} characters`);
  const parsed = parse(url);
  if (!parsed) return refuse("it is not an absolute URL");
  const { protocol, username, password, hostname } = parsed;
  if (protocol !== "http:" && protocol !== "https:") return refuse("only http and https are delivered to");
  if (username !== "" || password !== "") return refuse("the URL must not carry credentials");
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname.replace(/\.$/, "");
  const forbidden = refuse("the address is loopback, private, link-local or otherwise not public");
  if (isIP(host) !== 0) return mayConnect(host, options) ? { ok: true } : forbidden;
  const isLocalName = host === "localhost" || host.endsWith(".localhost");
  return isLocalName && !options.allowLoopback ? forbidden : { ok: true };
}

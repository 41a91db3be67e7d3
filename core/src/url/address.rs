//! Which addresses a server's link may not lead to, when the caller did not start there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is not one of the public Internet: loopback, private, carrier-grade NAT, link-local (with the
/// metadata services on it), multicast, unspecified, reserved, or a translation of such an IPv4 address into IPv6.
/// Registries: RFC 6890 and its successors. For hosts that judge what a name resolved to.
pub fn is_private_ip(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

/// Networks outside the public Internet, with the length of their prefix.
const V4: [([u8; 4], u32); 11] = [
    // "This network", 0.0.0.0 among it.
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    // Carrier-grade NAT, and a cloud's metadata service inside it.
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // Link-local: most metadata services.
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    // Protocol assignments, another metadata service among them.
    ([192, 0, 0, 0], 24),
    ([192, 168, 0, 0], 16),
    // Benchmarks inside a network.
    ([198, 18, 0, 0], 15),
    // Multicast, reserved, broadcast.
    ([224, 0, 0, 0], 3),
    // The one public address at which a cloud serves its machines' metadata.
    ([168, 63, 129, 16], 32),
];

pub(super) fn is_private_v4(ip: Ipv4Addr) -> bool {
    let differing = |net: [u8; 4]| (ip.to_bits() ^ Ipv4Addr::from(net).to_bits()).leading_zeros();
    V4.iter().any(|(net, prefix)| differing(*net) >= *prefix)
}

pub(super) fn is_private_v6(ip: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_private_v4(Ipv4Addr::new(a, b, c, d))
    };
    match ip.segments() {
        // Unspecified, loopback and IPv4-compatible (0.0.0.0/8 covers the first two); mapped; translated; NAT64.
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        // 6to4.
        | [0x2002, high, low, ..] => embedded(high, low),
        // Teredo hides its IPv4 address by inverting it.
        [0x2001, 0, _, _, _, _, high, low] => embedded(!high, !low),
        // Local NAT64, discard-only.
        [0x64, 0xff9b, 1, ..] | [0x100, 0, 0, 0, ..] => true,
        // Unique local, link-local and site-local, multicast.
        [first, ..] => matches!(first, 0xfc00..=0xfdff | 0xfe80..=0xfeff | 0xff00..=0xffff),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn private(ip: &str) -> bool {
        is_private_ip(ip.parse().unwrap())
    }

    #[test]
    fn every_network_is_known_from_its_first_address_to_its_last() {
        for (first, last) in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("224.0.0.0", "255.255.255.255"),
            ("168.63.129.16", "168.63.129.16"),
        ] {
            let (first, last): (Ipv4Addr, Ipv4Addr) = (first.parse().unwrap(), last.parse().unwrap());
            assert!(is_private_v4(first) && is_private_v4(last), "{first} to {last}");
            for outside in [first.to_bits().checked_sub(1), last.to_bits().checked_add(1)] {
                let outside = outside.map(Ipv4Addr::from_bits);
                assert!(!outside.is_some_and(is_private_v4), "{outside:?}");
            }
        }
    }

    #[test]
    fn metadata_services_are_private_wherever_they_live() {
        for ip in [
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "fd00:ec2::254",
            "fe80::a9fe:a9fe",
        ] {
            assert!(private(ip), "{ip}");
        }
    }

    #[test]
    fn ipv6_networks_are_known() {
        for ip in [
            "::",
            "::1",
            "fc00::",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "feff::1",
            "ff02::1",
            "ffff::",
            "100::1",
            "64:ff9b:1::a00:1",
        ] {
            assert!(private(ip), "{ip}");
        }
        for ip in
            ["2606:4700::1111", "2001:4860:4860::8888", "fbff::1", "fe00::1", "100:0:0:1::", "64:ff9b:2::1"]
        {
            assert!(!private(ip), "{ip}");
        }
    }

    #[test]
    fn an_ipv4_address_stays_what_it_is_inside_ipv6() {
        for (inner, mapped) in [
            // 127.0.0.1 and 8.8.8.8 as compatible, mapped, translated, NAT64, 6to4, Teredo addresses.
            (true, "::127.0.0.1"),
            (true, "::ffff:127.0.0.1"),
            (true, "::ffff:0:127.0.0.1"),
            (true, "64:ff9b::127.0.0.1"),
            (true, "2002:7f00:1::"),
            (true, "2001:0:4136:e378:8000:63bf:80ff:fffe"),
            // 168.63.129.16: its second half counts, too.
            (true, "2001:0:4136:e378:8000:63bf:57c0:7eef"),
            (false, "2001:0:4136:e378:8000:63bf:57c0:7eee"),
            (false, "::8.8.8.8"),
            (false, "::ffff:8.8.8.8"),
            (false, "::ffff:0:8.8.8.8"),
            (false, "64:ff9b::8.8.8.8"),
            (false, "2002:808:808::"),
            (false, "2001:0:4136:e378:8000:63bf:f7f7:f7f7"),
        ] {
            assert_eq!(private(mapped), inner, "{mapped}");
        }
    }
}

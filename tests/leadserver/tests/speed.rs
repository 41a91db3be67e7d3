//! How fast pages are served. Not part of a quick run: `cargo test --release -p everypage-leadserver --test speed --
//! --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod common;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Instant,
};

/// Reads `count` answers to one request, unparsed, on one connection.
fn hammer(port: u16, target: &str, count: usize) -> u64 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    let (mut buffer, mut bytes) = (vec![0; 1 << 20], 0);
    for _ in 0..count {
        stream.write_all(request.as_bytes()).unwrap();
        let (mut have, mut want) = (0, usize::MAX);
        while have < want {
            have += stream.read(&mut buffer[have..]).unwrap();
            if want == usize::MAX {
                let head = buffer[..have].windows(4).position(|w| w == b"\r\n\r\n").unwrap();
                let text = std::str::from_utf8(&buffer[..head]).unwrap();
                let length: usize =
                    text.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
                want = head + 4 + length;
            }
        }
        bytes += have as u64;
    }
    bytes
}

#[test]
#[ignore = "a measurement"]
fn pages_per_second() {
    let cases = [
        ("--records 100000", "/offset?limit=100"),
        ("--records 100000", "/page?pageSize=100&page=500"),
        ("--records 100000", "/cursor?limit=100"),
        ("--records 100000", "/keyset?limit=100"),
        ("--records 100000 --auth-token t --rate 1000000/1s", "/offset?limit=100&api_key=t"),
        ("--records 100000 --churn-every 1000000", "/offset?limit=100&offset=5000"),
        ("--records 100000", "/offset?limit=100&sort=asc"),
        ("--records 100000", "/offset?limit=1"),
    ];
    for (flags, target) in cases {
        let (server, _) = common::serve(flags);
        let port = server.port();
        hammer(port, target, 1_000);
        for connections in [1, 4] {
            let (each, start) = (40_000 / connections, Instant::now());
            let threads: Vec<_> =
                (0..connections).map(|_| std::thread::spawn(move || hammer(port, target, each))).collect();
            let bytes: u64 = threads.into_iter().map(|t| t.join().unwrap()).sum();
            let took = start.elapsed().as_secs_f64();
            let (pages, gb) = (40_000.0 / took, bytes as f64 / took / 1e9);
            println!("{flags:<55} {target:<32} {connections} conn: {pages:>7.0} pages/s, {gb:.2} GB/s");
        }
    }
}

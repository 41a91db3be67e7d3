//! TLS: a certificate is trusted or it is not, and an error says which it was.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use everypage::core::http::{Failure, FailureKind, Response};
use everypage::transport::{Reqwest, Transport, TransportOptions};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use support::{call, get, ok, options};

/// A server with a certificate of its own; returns its port and the certificate.
fn server(name: &str, reply: Vec<u8>) -> (u16, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream =
                StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream.unwrap());
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok_and(|read| read > 0) {
                // The client hangs up on a certificate it doesn't trust.
                let _ = stream.write_all(&reply);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    (port, made.cert.pem().into_bytes())
}

async fn ask(port: u16, target: &str, trusted: Option<&[u8]>) -> Result<Response, Failure> {
    let options =
        TransportOptions { extra_ca: trusted.map(<[u8]>::to_vec).into_iter().collect(), ..options() };
    Reqwest::new(options).unwrap().exchange(call(get(&format!("https://localhost:{port}{target}")))).await
}

#[tokio::test]
async fn an_extra_certificate_is_trusted_by_both_engines() {
    let (port, pem) = server("localhost", ok("{\"safe\":true}"));
    for target in ["/x", "/x?q='1'"] {
        let answered = ask(port, target, Some(&pem)).await.unwrap();
        assert_eq!((answered.status, answered.body.as_slice()), (200, &b"{\"safe\":true}"[..]));
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused() {
    let (port, _) = server("localhost", ok("{}"));
    let (_, other) = server("localhost", ok("{}"));
    for target in ["/x", "/x?q='1'"] {
        let failed = ask(port, target, Some(&other)).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::TlsInvalid, "{}", failed.detail);
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    let (port, pem) = server("elsewhere.example", ok("{}"));
    for target in ["/x", "/x?q='1'"] {
        let failed = ask(port, target, Some(&pem)).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::TlsInvalid, "{}", failed.detail);
    }
}

#[tokio::test]
async fn a_body_cut_inside_tls_is_truncated() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":".to_vec();
    let (port, pem) = server("localhost", cut);
    for target in ["/x", "/x?q='1'"] {
        let failed = ask(port, target, Some(&pem)).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::BodyTruncated, "{}", failed.detail);
    }
}

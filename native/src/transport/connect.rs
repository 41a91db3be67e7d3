//! TLS settings, and the connector of the byte-exact engine: direct, through an HTTP proxy, or through a
//! proxy's tunnel, within one time limit.

use super::failure::ConnectTimeout;
use super::options::Checked;
use super::resolve::Resolver;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// TLS with the system's certificates and the caller's extra ones.
pub(super) fn tls(settings: &Checked) -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = provider();
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(
        settings.extra_ca.iter().cloned(),
        provider.clone(),
    )?;
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(with_protocols(config))
}

/// TLS that trusts nobody: for clients that only ever speak plain HTTP. Reading the system's certificates
/// costs milliseconds and megabytes, and fails where there are none.
pub(super) fn no_tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(with_protocols(config))
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()))
}

fn with_protocols(mut config: rustls::ClientConfig) -> rustls::ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

/// Connects within a time limit, TLS included.
#[derive(Clone)]
pub(super) struct Connector {
    inner: HttpsConnector<Dialer>,
    limit: Duration,
}

impl Connector {
    pub(super) fn new(settings: &Checked, tls: rustls::ClientConfig, resolver: Resolver) -> Connector {
        let mut http = HttpConnector::new_with_resolver(resolver);
        http.enforce_http(false);
        http.set_nodelay(true);
        let dialer = Dialer { http, proxies: settings.proxies.clone() };
        Connector { inner: HttpsConnector::from((dialer, tls)), limit: settings.options.connect_timeout }
    }
}

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

impl Service<http::Uri> for Connector {
    type Response = <HttpsConnector<Dialer> as Service<http::Uri>>::Response;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, target: http::Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.limit, self.inner.call(target));
        Box::pin(async move { connecting.await.map_err(|_| BoxError::from(ConnectTimeout))? })
    }
}

/// Opens the TCP connection, to the target or to its proxy.
#[derive(Clone)]
pub(super) struct Dialer {
    http: HttpConnector<Resolver>,
    proxies: Arc<Matcher>,
}

impl Service<http::Uri> for Dialer {
    type Response = Wire;
    type Error = BoxError;
    type Future = Connecting<Wire>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.http.poll_ready(cx).map_err(BoxError::from)
    }

    fn call(&mut self, target: http::Uri) -> Self::Future {
        let mut http = self.http.clone();
        let proxies = self.proxies.clone();
        Box::pin(async move {
            let Some(via) = proxies.intercept(&target) else {
                return Ok(Wire { io: http.call(target).await?, proxied: false });
            };
            if via.uri().scheme_str() != Some("http") {
                return Err("this kind of proxy can't carry a URL that must be sent byte for byte".into());
            }
            if target.scheme_str() == Some("http") {
                return Ok(Wire { io: http.call(via.uri().clone()).await?, proxied: true });
            }
            let mut tunnel = Tunnel::new(via.uri().clone(), http);
            if let Some(auth) = via.basic_auth() {
                tunnel = tunnel.with_auth(auth.clone());
            }
            Ok(Wire { io: tunnel.call(target).await?, proxied: false })
        })
    }
}

/// A TCP connection that knows whether a proxy is at its other end.
pub(super) struct Wire {
    io: TokioIo<TcpStream>,
    proxied: bool,
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        // A proxied connection gets the whole URL in its request line.
        self.io.connected().proxy(self.proxied)
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}

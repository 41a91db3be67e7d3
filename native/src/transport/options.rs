//! Settings of the built-in transport.

use crate::error::Error;
use hyper_util::client::proxy::matcher::Matcher;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::Arc;
use std::time::Duration;

/// Settings of the built-in transport. The defaults are what a walk wants.
#[derive(Clone, Debug)]
pub struct TransportOptions {
    /// The `User-Agent`, where the source doesn't set one. Default: `everypage/VERSION`.
    pub user_agent: String,
    /// The proxy for every request, e.g. `http://user:password@proxy:3128`; hosts in `NO_PROXY` are still
    /// asked directly. Default: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and the system's settings.
    pub proxy: Option<String>,
    /// Certificates (PEM) that are trusted besides the system's own.
    pub extra_ca: Vec<Vec<u8>>,
    /// How long a connection may take, TLS included. Default: 10 s.
    pub connect_timeout: Duration,
    /// How long a server may be silent, before the first byte and between two. Default: 30 s.
    pub idle_timeout: Duration,
}

impl Default for TransportOptions {
    fn default() -> TransportOptions {
        TransportOptions {
            user_agent: concat!("everypage/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy: None,
            extra_ca: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
        }
    }
}

/// What was made of the settings, once.
pub(super) struct Checked {
    pub(super) options: TransportOptions,
    pub(super) user_agent: http::HeaderValue,
    pub(super) proxies: Arc<Matcher>,
    /// Names that may resolve to private addresses: the proxies'.
    pub(super) trusted: Arc<[String]>,
    pub(super) extra_ca: Vec<CertificateDer<'static>>,
}

impl TransportOptions {
    pub(super) fn check(self) -> Result<Checked, Error> {
        let user_agent = http::HeaderValue::from_str(&self.user_agent)
            .map_err(|_| Error::Settings("the User-Agent holds characters that can't be sent".to_owned()))?;
        if let Some(proxy) = &self.proxy {
            // The error text would show the password.
            reqwest::Proxy::all(proxy).map_err(|_| Error::Settings("the proxy is not a URL".to_owned()))?;
        }
        let mut extra_ca = Vec::new();
        for pem in &self.extra_ca {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                extra_ca.push(
                    certificate.map_err(|_| Error::Settings("a CA certificate is not PEM".to_owned()))?,
                );
            }
        }
        if extra_ca.is_empty() && !self.extra_ca.is_empty() {
            return Err(Error::Settings("a CA file holds no certificate".to_owned()));
        }
        let proxies = match &self.proxy {
            Some(proxy) => Matcher::builder().all(proxy.as_str()).no(no_proxy()).build(),
            None => Matcher::from_system(),
        };
        let trusted = proxy_hosts(&proxies);
        Ok(Checked { user_agent, proxies: Arc::new(proxies), trusted, extra_ca, options: self })
    }
}

fn no_proxy() -> String {
    ["NO_PROXY", "no_proxy"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}

/// The proxies' own names. They stand in the matcher only, so it is asked about an outside host.
fn proxy_hosts(proxies: &Matcher) -> Arc<[String]> {
    ["http://proxied.invalid/", "https://proxied.invalid/"]
        .into_iter()
        .filter_map(|outside| proxies.intercept(&http::Uri::from_static(outside)))
        .filter_map(|via| via.uri().host().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_refused_without_showing_them() {
        let bad = |options: TransportOptions| options.check().err().unwrap().to_string();
        let user_agent = bad(TransportOptions { user_agent: "a\nb".into(), ..TransportOptions::default() });
        assert!(user_agent.contains("User-Agent"), "{user_agent}");
        let proxy = bad(TransportOptions {
            proxy: Some("http://me:hunter2@[oops".into()),
            ..TransportOptions::default()
        });
        assert!(proxy.contains("proxy") && !proxy.contains("hunter2"), "{proxy}");
        let ca = bad(TransportOptions { extra_ca: vec![b"no pem".to_vec()], ..TransportOptions::default() });
        assert!(ca.contains("certificate"), "{ca}");
    }

    #[test]
    fn the_proxys_name_is_known_to_the_guard() {
        let options = TransportOptions {
            proxy: Some("http://me:pw@proxy.lan:3128".into()),
            ..TransportOptions::default()
        };
        assert_eq!(*options.check().unwrap().trusted, ["proxy.lan", "proxy.lan"]);
    }
}

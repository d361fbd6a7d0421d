//! Who may ask: programs of this machine, web pages served from it, and extensions of its browsers.
//!
//! A web page anywhere can send requests to 127.0.0.1; its `Origin` tells on it. `Host` tells on a name that was made to
//! point here. A browser wallet is an extension: its owner installed it, and no page can take its origin.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{self, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Method, StatusCode};
use jsonrpsee::core::BoxError;
use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse};
use jsonrpsee::types::ErrorObject;
use serde_json::json;
use tower::{Layer, Service};

/// Schemes of the origins that browsers give extensions.
const EXTENSIONS: [&str; 3] = ["chrome-extension", "moz-extension", "safari-web-extension"];
/// Code of a refused request: the general error of a server, as geth has it.
const REFUSED: i32 = -32000;
/// What a page that is answered may do, beside reading the answer.
const GRANTED: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    (header::ACCESS_CONTROL_MAX_AGE, "600"),
    (header::VARY, "origin"),
];

/// Adds the guard to a service.
#[derive(Clone, Copy, Debug)]
pub struct GuardLayer;

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard(inner)
    }
}

/// A service that answers local callers only.
#[derive(Clone, Debug)]
pub struct Guard<S>(S);

impl<S> Service<HttpRequest> for Guard<S>
where
    S: Service<HttpRequest, Response = HttpResponse>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    type Response = HttpResponse;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: HttpRequest) -> Self::Future {
        if let Err(refusal) = check(&request) {
            return Box::pin(async move { Ok(refused(refusal)) });
        }
        let origin = request.headers().get(header::ORIGIN).cloned();
        if request.method() == Method::OPTIONS {
            return Box::pin(async move { Ok(permit(no_content(), origin)) });
        }
        let answer = self.0.call(request);
        Box::pin(async move {
            answer
                .await
                .map(|response| permit(response, origin))
                .map_err(Into::into)
        })
    }
}

/// Refuses a request that names another host, or comes from a page of one.
fn check(request: &HttpRequest) -> Result<(), &'static str> {
    let values = |name| request.headers().get_all(name).iter();
    let target = request.uri().authority().map(Authority::as_str);
    if !values(header::HOST).all(|host| host.to_str().is_ok_and(is_local))
        || !target.is_none_or(is_local)
    {
        return Err(
            "this node answers to localhost and 127.0.0.1 only: use one of them in the URL",
        );
    }
    if !values(header::ORIGIN).all(|origin| origin.to_str().is_ok_and(is_welcome)) {
        return Err(
            "this node answers web pages of this machine only: serve the page from localhost",
        );
    }
    Ok(())
}

/// Whether an origin is a page of this machine, or an extension.
fn is_welcome(origin: &str) -> bool {
    match origin.split_once("://") {
        Some(("http" | "https", authority)) => is_local(authority),
        Some((scheme, _)) => EXTENSIONS.contains(&scheme),
        None => false,
    }
}

/// Whether `host` or `host:port` is this machine.
fn is_local(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// The refusal as JSON-RPC has errors, which clients know how to show.
fn refused(message: &str) -> HttpResponse {
    let error = ErrorObject::owned(REFUSED, message, None::<()>);
    let body = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    let mut response = HttpResponse::new(HttpBody::from(body.to_string()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// The answer to a preflight, but for its headers.
fn no_content() -> HttpResponse {
    let mut response = HttpResponse::new(HttpBody::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Tells a local page's browser that it may read the answer.
fn permit(mut response: HttpResponse, origin: Option<HeaderValue>) -> HttpResponse {
    let headers = response.headers_mut();
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for (name, value) in GRANTED {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for local in [
            "localhost",
            "localhost:8547",
            "127.0.0.1:1",
            "[::1]:8547",
            "[::1]",
        ] {
            assert!(is_local(local), "{local}");
        }
        for foreign in [
            "example.com",
            "localhost.example.com:80",
            "127.0.0.1.example.com",
            "10.0.0.1:8547",
            "",
            "null",
        ] {
            assert!(!is_local(foreign), "{foreign}");
        }
    }

    #[test]
    fn pages_of_this_machine_and_extensions_are_welcome() {
        for welcome in [
            "http://localhost:5173",
            "https://127.0.0.1",
            "http://[::1]:8",
            "chrome-extension://abcdefghijklmnop",
        ] {
            assert!(is_welcome(welcome), "{welcome}");
        }
        for foreign in [
            "https://evil.example",
            "http://localhost.evil.example",
            "http://evil.example:8547",
            "file://localhost",
            "null",
            "",
        ] {
            assert!(!is_welcome(foreign), "{foreign}");
        }
    }
}

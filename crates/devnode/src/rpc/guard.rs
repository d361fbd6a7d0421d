//! Who may ask: programs of this machine and web pages served from it.
//!
//! A web page anywhere can send requests to 127.0.0.1; its `Origin` tells on it. `Host` tells on a name that was made to
//! point here.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use jsonrpsee::core::BoxError;
use jsonrpsee::server::{HttpBody, HttpRequest, HttpResponse};
use tower::{Layer, Service};

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
        let origin = request.headers().get(header::ORIGIN).cloned();
        if let Err(refusal) = check(request.headers(), origin.as_ref()) {
            return Box::pin(async move { Ok(plain(StatusCode::FORBIDDEN, refusal)) });
        }
        if request.method() == Method::OPTIONS {
            return Box::pin(async move { Ok(permit(plain(StatusCode::NO_CONTENT, ""), origin)) });
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

fn check(headers: &HeaderMap, origin: Option<&HeaderValue>) -> Result<(), &'static str> {
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).unwrap_or_default();
    if headers
        .get(header::HOST)
        .is_some_and(|host| !is_local(&text(host)))
    {
        return Err(
            "this node answers to localhost and 127.0.0.1 only: use one of them in the URL\n",
        );
    }
    let foreign = |origin: &HeaderValue| {
        let origin = text(origin);
        !origin
            .split_once("://")
            .is_some_and(|(_, authority)| is_local(authority))
    };
    if origin.is_some_and(foreign) {
        return Err(
            "this node answers web pages of this machine only: serve the page from localhost\n",
        );
    }
    Ok(())
}

/// Whether `host` or `host:port` is this machine.
fn is_local(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    let mut response = HttpResponse::new(HttpBody::from(text));
    *response.status_mut() = status;
    response
}

/// Tells a local page's browser that it may read the answer.
fn permit(mut response: HttpResponse, origin: Option<HeaderValue>) -> HttpResponse {
    if let Some(origin) = origin {
        let granted: [(HeaderName, HeaderValue); 5] = [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("POST, OPTIONS"),
            ),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static("content-type"),
            ),
            (
                header::ACCESS_CONTROL_MAX_AGE,
                HeaderValue::from_static("600"),
            ),
            (header::VARY, HeaderValue::from_static("origin")),
        ];
        response.headers_mut().extend(granted);
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
    fn a_page_from_elsewhere_is_refused() {
        let headers = HeaderMap::new();
        let check = |origin: &'static str| check(&headers, Some(&HeaderValue::from_static(origin)));
        assert!(check("http://localhost:5173").is_ok());
        assert!(check("https://evil.example").is_err());
        assert!(check("null").is_err());
    }
}

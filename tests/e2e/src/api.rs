//! A program that uses the site as programs do, after signing up and in by the real forms.
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap, redirect};
use serde_json::Value;
use std::time::Duration;

pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in, with their cookies.
pub struct Api {
    http: Client,
    base: String,
    token: String,
}

/// An answer that has arrived completely.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub async fn of(answer: reqwest::Response) -> Result<Self, reqwest::Error> {
        Ok(Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await?,
        })
    }

    /// The answer's JSON; stops the test unless it has this status.
    pub fn must(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

/// Keeps cookies as a browser does, follows no redirect, and believes the stack's own certificate.
pub fn client() -> Client {
    Client::builder()
        .no_proxy()
        .cookie_store(true)
        .redirect(redirect::Policy::none())
        .tls_danger_accept_invalid_certs(true)
        .timeout(Duration::from_secs(15))
        .build()
        .expect("a client can be made")
}

impl Api {
    /// Signs up as `<name>@example.com`, with an organisation.
    pub async fn sign_up(base: &str, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let mine = format!("{name}'s workshop");
        let form = [
            ("first_name", name),
            ("last_name", "Maker"),
            ("organization_name", mine.as_str()),
            ("email", email.as_str()),
            ("password", PASSWORD),
        ];
        Self::enter(base, "/auth/signup", &form).await
    }

    /// Signs in an account that is there.
    pub async fn sign_in(base: &str, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let form = [("username", email.as_str()), ("password", PASSWORD)];
        Self::enter(base, "/auth/login", &form).await
    }

    async fn enter(base: &str, path: &str, form: &[(&str, &str)]) -> Self {
        let http = client();
        let page = http.get(format!("{base}{path}")).send().await;
        let page = page
            .expect("the site answers")
            .text()
            .await
            .expect("a page");
        let token = token_in(&page).unwrap_or_else(|| panic!("a form with a token: {page}"));
        let mut form = form.to_vec();
        form.push(("csrf_token", token));
        let answer = http.post(format!("{base}{path}")).form(&form).send().await;
        let reply = Reply::of(answer.expect("the site answers")).await;
        let reply = reply.expect("a whole answer");
        assert_eq!(reply.status, 302, "{}", reply.text);
        Self {
            http,
            base: base.to_owned(),
            token: token.to_owned(),
        }
    }

    /// A request with this session's token, to be completed by the caller.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.request_as_is(method, path);
        request.header("X-CSRFToken", &self.token)
    }

    /// A request that brings the session's cookie, and not its token.
    pub fn request_as_is(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base))
            .header("Accept", "application/json")
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.request(Method::GET, path).send().await;
        let reply = Reply::of(answer.expect("the site answers")).await;
        reply.expect("a whole answer").must(200)
    }

    /// A write under a key. An error says that nobody knows whether it was carried out.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Reply, reqwest::Error> {
        let request = self.request(Method::POST, path);
        let answer = request.header("Idempotency-Key", key).json(body).send();
        Reply::of(answer.await?).await
    }
}

/// The token of the page's form.
pub(crate) fn token_in(html: &str) -> Option<&str> {
    let (_, after) = html.split_once(r#"name="csrf_token" value=""#)?;
    Some(after.split_once('"')?.0)
}

//! The real service on a port of its own, and people before it.
use actix_web::{
    HttpResponse,
    web::{self, ServiceConfig},
};
use batchtrack_core::{
    outbox,
    platform::{Lifecycle, Settings},
};
use batchtrack_testkit::{TestDb, event};
use batchtrack_web::{
    app::App,
    endpoint::{Access, Endpoint},
    extract::{Answer, FormBody, JsonBody, Tenant},
    page::Flash,
    problem::Problem,
    server,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header, redirect};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::TcpListener;

pub(crate) const PASSWORD: &str = "correct horse";

pub(crate) struct Site {
    pub(crate) db: TestDb,
    pub(crate) url: String,
    settings: Settings,
    life: Lifecycle,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(TestDb::new().await, change).await
    }

    pub(crate) async fn on(db: TestDb, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = db.settings.clone();
        // Tests of limits come from elsewhere.
        settings.http.trusted_clients = vec!["127.0.0.0/8".parse().unwrap()];
        // However slow a busy machine hashes, it is for a test of its own to see that queue overflow.
        settings.passwords.queue_timeout_ms = 60_000;
        change(&mut settings);
        let mut site = Self {
            db,
            url: String::new(),
            settings,
            life: Lifecycle::default(),
        };
        site.url = site.replica().await;
        site
    }

    /// Another process of the service, as it were, on the same servers; its address.
    pub(crate) async fn replica(&self) -> String {
        let app = App::connect(self.settings.clone(), self.db.clock.clone());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = server::start(app.await.unwrap(), listener, &self.life, routes_of_tests);
        let server = server.unwrap();
        let url = format!("http://{}", server.address);
        let alive = self.life.clone();
        tokio::spawn(async move { server.until_stopped(&alive).await });
        url
    }

    /// Somebody with a browser and no session.
    pub(crate) fn stranger(&self) -> Browser {
        Browser::new(self.url.clone())
    }

    /// Somebody who signed up as `<name>@example.com` and is signed in.
    pub(crate) async fn owner(&self, name: &str) -> Browser {
        let mut browser = self.stranger();
        let answer = browser.sign_up(name).await;
        assert_eq!(
            answer.status(),
            StatusCode::FOUND,
            "{}",
            answer.text().await.unwrap()
        );
        browser
    }
}

impl Site {
    /// All that belongs to an organisation, in one text.
    pub(crate) async fn state_of(&self, organization: i64) -> String {
        let tables = "SELECT coalesce(string_agg(c.relname, ',' ORDER BY c.relname), '') FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace";
        let tables = self.text(tables).await;
        assert!(
            tables.contains("inventory_movements") && tables.contains("domain_events"),
            "{tables}"
        );
        let rows = tables.split(',').map(|table| {
            format!(
                "SELECT '{table} ' || count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS line
                 FROM {table} t WHERE organization_id = {organization}"
            )
        });
        let rows = rows.collect::<Vec<_>>().join(" UNION ALL ");
        let all = format!("SELECT string_agg(line, E'\n' ORDER BY line) FROM ({rows}) tables");
        self.text(&all).await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.life.stop();
    }
}

/// Keeps cookies as a browser does, and follows no redirect.
pub(crate) struct Browser {
    pub(crate) http: Client,
    pub(crate) url: String,
    pub(crate) token: String,
}

impl Browser {
    fn new(url: String) -> Self {
        let http = Client::builder()
            .cookie_store(true)
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            http,
            url,
            token: String::new(),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .header(header::ACCEPT, "text/html,application/xhtml+xml")
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// Opens a page and keeps the token of its form.
    pub(crate) async fn open(&mut self, path: &str) -> String {
        let html = self.get(path).await.text().await.unwrap();
        token_in(&html)
            .unwrap_or_else(|| panic!("a token in {html}"))
            .clone_into(&mut self.token);
        html
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut fields = fields.to_vec();
        fields.push(("csrf_token", &self.token));
        self.request(Method::POST, path)
            .header(header::ORIGIN, &self.url)
            .form(&fields)
            .send()
            .await
            .unwrap()
    }

    /// A JSON request as a script of one of our pages sends it.
    pub(crate) fn json(&self, path: &str, key: &str, body: &Value) -> RequestBuilder {
        self.http
            .post(format!("{}{path}", self.url))
            .header("X-CSRFToken", &self.token)
            .header("Idempotency-Key", key)
            .json(body)
    }

    pub(crate) async fn sign_up(&mut self, name: &str) -> Response {
        self.open("/auth/signup").await;
        let email = format!("{name}@example.com");
        self.post(
            "/auth/signup",
            &[
                ("first_name", name),
                ("last_name", "Maker"),
                ("organization_name", "Soap & Sons"),
                ("email", &email),
                ("password", PASSWORD),
                ("website", ""),
            ],
        )
        .await
    }

    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Response {
        self.open("/auth/login").await;
        self.post(
            "/auth/login",
            &[
                ("username", name),
                ("password", password),
                ("form_type", "login"),
            ],
        )
        .await
    }
}

pub(crate) fn token_in(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("<input name=\"csrf_token\" value=\"")?;
    Some(rest.split_once('"')?.0).filter(|token| !token.is_empty())
}

pub(crate) fn location(answer: &Response) -> &str {
    head(answer, "location")
}

pub(crate) fn head<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// Status and body of a problem.
pub(crate) async fn problem(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    assert_eq!(
        head(&answer, "content-type"),
        "application/problem+json",
        "{status}"
    );
    (status, answer.json().await.unwrap())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteIn {
    text: String,
    #[serde(default)]
    wait_ms: u64,
}

fn routes_of_tests(cfg: &mut ServiceConfig) {
    const OF_TESTS: &[Endpoint] = &[
        Endpoint::get("/test/panic", Access::Public, || web::to(panics)),
        Endpoint::get("/test/whoami", Access::Member, || web::to(whoami)),
        Endpoint::post("/test/form", Access::Member, || web::to(note_form)),
        Endpoint::post("/api/v1/test/notes", Access::Member, || web::to(note)),
    ];
    Endpoint::register(OF_TESTS, cfg);
}

async fn panics() -> HttpResponse {
    panic!("a secret of the house");
}

async fn whoami(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let unit = tenant.begin().await?;
    let shell = tenant.shell(&unit);
    Ok(HttpResponse::Ok().json(json!({
        "user": unit.membership.user_id,
        "organization": unit.membership.organization_name,
        "name": unit.membership.display_name(),
        "role": unit.membership.role,
        "csrf": shell.csrf,
        "flash": shell.flash,
    })))
}

/// A write whose effect can be counted: one event.
async fn note(tenant: Tenant, body: JsonBody<NoteIn>) -> Result<HttpResponse, Problem> {
    let NoteIn { text, wait_ms } = body.value;
    tenant
        .write(body.once, async |unit| {
            outbox::emit(&mut unit.tx, vec![event(1)]).await?;
            tokio::time::sleep(std::time::Duration::from_millis(wait_ms)).await;
            if text == "refuse" {
                return Err(
                    Problem::invalid("test.refused", "No.").field("text", "Say something else.")
                );
            }
            Ok(Answer::created(
                "/api/v1/test/notes/1",
                json!({ "text": text }),
            ))
        })
        .await
}

async fn note_form(tenant: Tenant, form: FormBody) -> Result<HttpResponse, Problem> {
    let size = form
        .fields
        .file("file")
        .map_or(0, |file| file.content.len());
    tenant
        .write(form.once, async |unit| {
            outbox::emit(&mut unit.tx, vec![event(2)]).await?;
            Ok(Answer::redirect("/test/whoami")
                .flash(Flash::success(format!("Noted, {size} bytes.")).with_undo("/test/undo")))
        })
        .await
}

#[derive(diesel::QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    found: String,
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    found: i64,
}

/// A look at the database behind the service's back.
impl Site {
    pub(crate) async fn execute(&self, sql: &str) {
        use diesel_async::SimpleAsyncConnection as _;
        self.db.owner_conn().await.batch_execute(sql).await.unwrap();
    }

    pub(crate) async fn text(&self, sql: &str) -> String {
        self.texts(sql).await.into_iter().next().unwrap()
    }

    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        use diesel_async::RunQueryDsl as _;
        let sql = format!("SELECT q.* FROM ({sql}) AS q (found)");
        let rows: Vec<Text> = diesel::sql_query(sql)
            .load(&mut self.db.owner_conn().await)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.found).collect()
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        use diesel_async::RunQueryDsl as _;
        let sql = format!("SELECT q.* FROM ({sql}) AS q (found)");
        let row: Number = diesel::sql_query(sql)
            .get_result(&mut self.db.owner_conn().await)
            .await
            .unwrap();
        row.found
    }

    /// The events so far, in the order in which they were recorded.
    pub(crate) async fn events(&self) -> Vec<String> {
        self.texts("SELECT event_name FROM domain_events ORDER BY id")
            .await
    }

    /// How often the tests' own write took effect.
    pub(crate) async fn notes(&self) -> i64 {
        self.number("SELECT count(*) FROM domain_events WHERE event_name = 'product_created'")
            .await
    }
}

//! A person at a browser: finds fields by their labels and buttons by their words, reads what is shown.
use crate::{driver::Driver, programs, wait::until_async};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{fs, path::PathBuf, time::Duration};
use thirtyfour::{
    CapabilitiesHelper as _, ChromiumLikeCapabilities as _, DesiredCapabilities,
    LoggingPrefsLogLevel, WebDriver, WebElement, error::WebDriverResult,
    session::scriptret::ScriptRet,
};

const PATIENCE: Duration = Duration::from_secs(10);
const DESK: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// What a person looks for on a page, once for all steps.
const LOOK: &str = include_str!("look.js");

pub struct Browser {
    web: WebDriver,
    base: String,
    // Ends the browser, so it has to go last.
    _driver: Driver,
}

impl Browser {
    /// Opens a browser that has never been anywhere.
    pub async fn start(base: &str) -> Self {
        let driver = Driver::start();
        let web = connect(&driver).await.expect("Chromium starts");
        let browser = Self {
            web,
            base: base.to_owned(),
            _driver: driver,
        };
        browser.look("light", DESK).await;
        browser
    }

    pub async fn quit(self) {
        self.web.quit().await.expect("the browser can be closed");
    }

    /// Goes to a page of the site.
    pub async fn open(&self, path: &str) {
        let url = format!("{}{path}", self.base);
        self.web.goto(&url).await.expect("a page can be opened");
    }

    /// The path that the address bar shows.
    pub async fn path(&self) -> String {
        let url = self
            .web
            .current_url()
            .await
            .expect("the browser is somewhere");
        url.path().to_owned()
    }

    /// Types into a field, in place of what is there. The field is the `nth` of that label.
    pub async fn type_nth(&self, label: &str, nth: usize, text: &str) {
        let field = self.element("field", label, nth).await;
        field.clear().await.expect("a field can be emptied");
        field
            .send_keys(text)
            .await
            .expect("a field can be typed into");
    }

    pub async fn type_in(&self, label: &str, text: &str) {
        self.type_nth(label, 0, text).await;
    }

    /// What stands in a field.
    pub async fn value(&self, label: &str) -> String {
        let field = self.element("field", label, 0).await;
        let value = field.prop("value").await.expect("a field has a value");
        value.unwrap_or_default()
    }

    /// Gives the machine a finger to show: keys are made and used without anybody being asked.
    pub async fn give_finger(&self) {
        self.cdp("WebAuthn.enable", json!({})).await;
        let options = json!({ "options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "automaticPresenceSimulation": true,
        }});
        self.cdp("WebAuthn.addVirtualAuthenticator", options).await;
    }

    /// Picks the option with these words.
    pub async fn choose_nth(&self, label: &str, nth: usize, option: &str) {
        let field = self.element("field", label, nth).await;
        let argument = field.to_json().expect("an element has an id");
        let done = self.run(
            "return choose(arguments[0], arguments[1])",
            vec![argument, json!(option)],
        );
        assert_eq!(done.await, json!(true), "“{label}” has “{option}”");
    }

    pub async fn choose(&self, label: &str, option: &str) {
        self.choose_nth(label, 0, option).await;
    }

    /// Ticks a box, or takes the tick away.
    pub async fn tick(&self, label: &str) {
        let field = self.element("field", label, 0).await;
        field.click().await.expect("a box can be ticked");
    }

    /// Presses a button or a link that stays on the page.
    pub async fn press(&self, words: &str) {
        let button = self.element("button", words, 0).await;
        button.click().await.expect("a button can be pressed");
    }

    /// Presses a button or a link, and waits for the page that it leads to.
    pub async fn go(&self, words: &str) {
        self.run("document.isOld = true", vec![]).await;
        self.press(words).await;
        until_async(&format!("“{words}” leads on"), PATIENCE, async || {
            let arrived = "return !document.isOld && document.readyState === 'complete'";
            let arrived = self.web.execute(arrived, vec![]).await.ok()?;
            (arrived.json() == &json!(true)).then_some(())
        })
        .await;
    }

    /// Waits until these words are shown.
    pub async fn see(&self, words: &str) {
        let mut shown = String::new();
        for _ in 0..100 {
            shown = self.text().await;
            if shown.contains(words) {
                return;
            }
            tokio::time::sleep(PATIENCE / 100).await;
        }
        let path = self.path().await;
        panic!("“{words}” is not shown at {path}, but:\n{shown}");
    }

    /// All that is shown, with its white space evened out.
    pub async fn text(&self) -> String {
        let shown = self.run("return shownText()", vec![]).await;
        shown.as_str().unwrap_or_default().to_owned()
    }

    async fn element(&self, kind: &str, words: &str, nth: usize) -> WebElement {
        let arguments = vec![json!(kind), json!(words), json!(nth)];
        let script = format!("{LOOK}\nreturn find(arguments[0], arguments[1], arguments[2])");
        for _ in 0..100 {
            let found = self.web.execute(&script, arguments.clone()).await;
            if let Ok(element) = found.and_then(ScriptRet::element) {
                return element;
            }
            tokio::time::sleep(PATIENCE / 100).await;
        }
        let (path, shown) = (self.path().await, self.text().await);
        panic!("no {kind} “{words}” at {path}, but:\n{shown}");
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let script = format!("{LOOK}\n{script}");
        let answer = self.web.execute(script, arguments).await;
        answer.expect("a script of ours runs").json().clone()
    }

    /// Puts the focus on what a selector finds, as the Tab key would.
    pub async fn focus(&self, selector: &str) {
        let script = "document.querySelector(arguments[0]).focus()";
        self.run(script, vec![json!(selector)]).await;
    }

    /// Whether it is there.
    pub async fn has_focus(&self, selector: &str) -> bool {
        let script = "return document.activeElement === document.querySelector(arguments[0])";
        self.run(script, vec![json!(selector)]).await == json!(true)
    }

    /// The names of the cookies, and whether each is sent over https alone.
    pub async fn cookies(&self) -> Vec<(String, bool)> {
        let cookies = self
            .web
            .get_all_cookies()
            .await
            .expect("a browser has cookies");
        let told = cookies.into_iter();
        told.map(|cookie| (cookie.name, cookie.secure.unwrap_or(false)))
            .collect()
    }

    /// Stops the test if the page complained since it was last asked: a script's error, something
    /// that did not load, a breach of the content security policy.
    pub async fn must_be_content(&self) {
        let complaints = self.complaints().await;
        assert_eq!(complaints, Vec::<String>::new(), "at {}", self.path().await);
    }

    /// Stops the test unless all that the page complained of is the answer to what was opened on purpose.
    pub async fn must_be_refused(&self, status: u16) {
        let complaints = self.complaints().await;
        let [refused] = complaints.as_slice() else {
            panic!("{complaints:?}")
        };
        let status = format!("status of {status}");
        assert!(refused.contains(&status), "{refused}");
    }

    /// Since it was last asked.
    async fn complaints(&self) -> Vec<String> {
        let log = self
            .web
            .browser_log()
            .await
            .expect("the browser keeps a log");
        log.into_iter()
            .filter(|entry| matches!(entry.level.as_str(), "SEVERE" | "WARNING"))
            .map(|entry| entry.message)
            // A refused form is an answer that a browser takes for a failure.
            .filter(|message| !message.contains("status of 422"))
            .collect()
    }

    /// Keeps pictures of the page, light, dark and on a phone, in `target/screenshots`; and stops the
    /// test if it has what no page may have, or what shuts somebody out.
    pub async fn picture(&self, name: &str) {
        let folder = programs::target_folder().join("screenshots");
        fs::create_dir_all(&folder).expect("the target can be written to");
        for (look, theme, size) in [
            ("dark", "dark", DESK),
            ("phone", "light", PHONE),
            ("light", "light", DESK),
        ] {
            self.look(theme, size).await;
            self.keep(folder.join(format!("{name}-{look}.png")), size)
                .await;
            let faults = self.run("return faults()", vec![]).await;
            assert_eq!(faults, json!([]), "{name}, {look}");
            assert_eq!(self.barriers().await, json!([]), "{name}, {look}");
        }
        self.resize(DESK).await;
        self.must_be_content().await;
    }

    /// What axe finds on the page against WCAG 2.1, levels A and AA.
    async fn barriers(&self) -> Value {
        let axe = programs::axe();
        self.web.execute(axe, vec![]).await.expect("axe loads");
        let script = format!("{LOOK}\nbarriers().then(arguments[0])");
        let found = self.web.execute_async(script, vec![]).await;
        found.expect("axe comes to an end").json().clone()
    }

    async fn look(&self, theme: &str, size: (u32, u32)) {
        self.resize(size).await;
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]});
        self.cdp("Emulation.setEmulatedMedia", features).await;
        until_async("the page follows the system's theme", PATIENCE, async || {
            // A blank page has none.
            let script = "return (document.documentElement.dataset.bsTheme ?? arguments[0]) === arguments[0]";
            (self.run(script, vec![json!(theme)]).await == json!(true)).then_some(())
        })
        .await;
    }

    async fn resize(&self, (width, height): (u32, u32)) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Keeps a picture of the whole page, in a window that is as high as the page.
    async fn keep(&self, file: PathBuf, (width, height): (u32, u32)) {
        self.settle().await;
        let page = self
            .run("return document.documentElement.scrollHeight", vec![])
            .await;
        let page = page.as_u64().and_then(|page| u32::try_from(page).ok());
        self.resize((width, page.unwrap_or_default().clamp(height, 8_000)))
            .await;
        self.settle().await;
        let answer = self
            .cdp("Page.captureScreenshot", json!({ "format": "png" }))
            .await;
        let picture = answer
            .get("data")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let picture = STANDARD.decode(picture).expect("a picture is base64");
        fs::write(file, picture).expect("the target can be written to");
    }

    /// Waits until nothing moves any more.
    async fn settle(&self) {
        let script = format!("{LOOK}\nsettled().then(arguments[0])");
        let settled = self.web.execute_async(script, vec![]).await;
        settled.expect("a page comes to rest");
    }

    async fn cdp(&self, method: &str, parameters: Value) -> Value {
        let answer = self.web.cdp().send_raw(method, parameters).await;
        answer.expect("Chromium knows this command")
    }
}

async fn connect(driver: &Driver) -> WebDriverResult<WebDriver> {
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set_binary(&driver.chromium.display().to_string())?;
    for argument in [
        "--headless=new",
        // As root, and in a container without user namespaces, it has no sandbox to offer.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-proxy-server",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--lang=en-US",
    ] {
        wanted.add_arg(argument)?;
    }
    wanted.add_arg(&format!("--user-data-dir={}", driver.profile()))?;
    wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    // The local stack's certificate is its own.
    wanted.accept_insecure_certs(true)?;
    WebDriver::new(&driver.url, wanted).await
}

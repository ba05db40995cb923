//! Deliveries go to the public internet and nowhere else.
use super::{receiver::Receiver, shop::Shop};
use batchtrack_core::webhooks::{self, NewEndpoint, WebhookError, address::Reach};
use batchtrack_dispatcher::deliver::{
    guard::{Lookup, SystemLookup},
    policy::Answer,
    send::{Parcel, Report, Sender},
};
use futures_util::future::BoxFuture;
use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

/// A name server in somebody else's hands: gives out what it likes, each time something else.
#[derive(Default)]
struct Fickle {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Fickle {
    fn saying(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|ips| ips.iter().map(|ip| ip.parse().unwrap()).collect());
        Arc::new(Self {
            answers: Mutex::new(answers.collect()),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Lookup for Fickle {
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        self.asked.lock().unwrap().push(name);
        let next = self.answers.lock().unwrap().pop_front().unwrap_or_default();
        let next = next.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect();
        Box::pin(async move { Ok(next) })
    }
}

async fn send(sender: &Sender, url: String) -> Report {
    let parcel = Parcel {
        url,
        headers: vec![],
        body: b"{}".to_vec(),
    };
    sender.send(&parcel).await
}

fn sender(lookup: &Arc<Fickle>, allowed: &[&str]) -> Sender {
    let allowed = allowed.iter().map(|net| net.parse().unwrap()).collect();
    Sender::guarded(Reach::new(allowed), Arc::clone(lookup) as Arc<dyn Lookup>).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_home_is_not_followed() {
    let receiver = Receiver::start().await;
    for home in [
        &["127.0.0.1"][..],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["10.0.0.7", "192.168.1.1", "169.254.169.254"],
        &["64:ff9b::7f00:1", "fd00::1"],
    ] {
        let lookup = Fickle::saying(&[home]);
        let report = send(
            &sender(&lookup, &[]),
            format!("http://evil.example:{}/", receiver.port()),
        )
        .await;
        assert_eq!(report.answer, Answer::Nothing);
        assert!(
            report
                .error
                .as_ref()
                .unwrap()
                .contains("not on the public internet"),
            "{home:?}: {report:?}"
        );
        assert_eq!(lookup.asked(), 1, "and no second try");
    }
    assert!(receiver.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_was_public_and_leads_home_now_is_not_followed() {
    let receiver = Receiver::start().await;
    // 127.1.x.x stands for the public internet here, and the rest of this machine for home.
    // The first is asked for twice: a refused connection is tried once more at once.
    let lookup = Fickle::saying(&[&["127.1.0.1"], &["127.1.0.1"], &["127.0.0.1"]]);
    let sender = sender(&lookup, &["127.1.0.0/16"]);
    let url = format!("http://rebinding.example:{}/", receiver.port());
    let first = send(&sender, url.clone()).await;
    let refused = first.error.unwrap();
    assert!(
        refused.contains("no connection"),
        "{refused}: nobody listens there"
    );
    let second = send(&sender, url).await;
    assert!(second.error.unwrap().contains("not on the public internet"));
    assert!(receiver.got().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_addresses_only_public_ones_are_tried() {
    let receiver = Receiver::start().await;
    let lookup = Fickle::saying(&[&["10.255.255.1", "127.0.0.1", "192.168.255.1"]]);
    let sender = sender(&lookup, &["127.0.0.0/8"]);
    let report = send(
        &sender,
        format!("http://mixed.example:{}/", receiver.port()),
    )
    .await;
    assert!(
        matches!(report.answer, Answer::Status { code: 204, .. }),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn literals_are_looked_at_although_no_name_server_is_asked() {
    let receiver = Receiver::start().await;
    let port = receiver.port();
    let lookup = Fickle::saying(&[]);
    let sender = sender(&lookup, &[]);
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::1]",
        "localhost",
    ] {
        let report = send(&sender, format!("http://{host}:{port}/")).await;
        let error = report.error.unwrap();
        assert!(
            error.contains("not on the public internet"),
            "{host}: {error}"
        );
    }
    assert_eq!(lookup.asked(), 0);
    assert!(receiver.got().is_empty());
    // Without the guard it would get there: what the test is worth.
    let open = Sender::unguarded().unwrap();
    let report = send(&open, format!("http://127.1:{port}/")).await;
    assert!(matches!(report.answer, Answer::Status { code: 204, .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machines_own_resolver_is_guarded_too() {
    let receiver = Receiver::start().await;
    let port = receiver.port();
    let sender = Sender::guarded(Reach::default(), Arc::new(SystemLookup)).unwrap();
    let name = format!("http://localhost.localdomain:{port}/");
    let report = send(&sender, name).await;
    assert_eq!(report.answer, Answer::Nothing);
    assert!(receiver.got().is_empty());
    let nowhere = send(&sender, "http://no-such-host.invalid/".to_owned()).await;
    assert!(
        nowhere
            .error
            .unwrap()
            .contains("no connection could be made")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_has_to_be_good() {
    let sender = Sender::unguarded().unwrap();
    let receiver = Receiver::start().await;
    let report = send(
        &sender,
        format!("https://{}:{}/", Ipv4Addr::LOCALHOST, receiver.port()),
    )
    .await;
    assert_eq!(
        report.answer,
        Answer::Nothing,
        "plain text where TLS belongs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_at_home_is_refused_when_it_is_made() {
    let shop = Shop::with(|settings| settings.webhooks.allowed_addresses.clear()).await;
    let mut tx = shop.t.begin(shop.ours).await;
    for url in [
        "http://127.0.0.1/",
        "http://[::1]/",
        "https://10.0.0.1/",
        "http://localhost/",
    ] {
        let new = NewEndpoint {
            url: url.to_owned(),
            description: String::new(),
            events: vec![],
        };
        let refused = webhooks::create(&mut tx, &shop.desk, new).await;
        assert!(matches!(refused, Err(WebhookError::Address(_))), "{url}");
    }
}

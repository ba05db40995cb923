use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::JoinSet,
};

/// A mail server that answers each recipient as it is told to, and remembers what it was sent.
pub(crate) struct Responder {
    pub(crate) url: String,
    answers: Arc<Mutex<Vec<&'static str>>>,
    heard: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Responder {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (answers, heard) = (Arc::new(Mutex::new(vec![])), Arc::new(Mutex::new(vec![])));
        let shared = (Arc::clone(&answers), Arc::clone(&heard));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut served = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, heard) = (Arc::clone(&shared.0), Arc::clone(&shared.1));
                served.spawn(async move {
                    let (read, mut write) = stream.into_split();
                    let mut lines = BufReader::new(read).lines();
                    let mut say = async |words: &str| {
                        write.write_all(format!("{words}\r\n").as_bytes()).await
                    };
                    let _ = say("220 responder").await;
                    let mut in_data = false;
                    while let Ok(Some(line)) = lines.next_line().await {
                        heard.lock().unwrap().push(line.clone());
                        let answer = if in_data {
                            if line != "." {
                                continue;
                            }
                            in_data = false;
                            "250 taken"
                        } else if line.starts_with("RCPT") {
                            answers.lock().unwrap().pop().unwrap_or("250 fine")
                        } else if line == "DATA" {
                            in_data = true;
                            "354 go on"
                        } else if line == "QUIT" {
                            "221 bye"
                        } else {
                            "250 fine"
                        };
                        if say(answer).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            url,
            answers,
            heard,
            _serving: serving,
        }
    }

    /// To the next recipient.
    pub(crate) fn will_say(&self, answer: &'static str) {
        self.answers.lock().unwrap().push(answer);
    }

    pub(crate) fn heard(&self, start: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|line| line.starts_with(start)).count()
    }
}

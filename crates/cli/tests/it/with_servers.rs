use crate::Folder;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

/// What `sh -c script` printed, and its exit code, with servers at its side.
fn run(folder: &Folder, script: &str) -> (String, Option<i32>) {
    let answer = folder
        .batchtrack()
        .args(["with-servers", "--", "sh", "-c", script])
        .output()
        .unwrap();
    let said = String::from_utf8(answer.stdout).unwrap();
    (said, answer.status.code())
}

/// `127.0.0.1:15432` of `scheme://user:password@127.0.0.1:15432/…`.
fn server_of(url: &str) -> &str {
    let (_, rest) = url.split_once('@').unwrap();
    rest.split('/').next().unwrap()
}

#[test]
fn the_command_meets_its_servers_and_they_end_with_it() {
    let folder = Folder::new("servers");
    let mut command = folder.batchtrack();
    command.args(["with-servers", "--", "sh", "-c"]);
    command.arg("echo $TEST_DATABASE_URL; echo $TEST_REDIS_URL; read answer; exit 7");
    command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
        line.trim().to_owned()
    };
    let (database, redis) = (line(), line());
    assert!(database.starts_with("postgres://postgres:"), "{database}");
    assert!(TcpStream::connect(server_of(&database)).is_ok());

    let mut connection = TcpStream::connect(server_of(&redis)).unwrap();
    connection.write_all(b"PING\r\nQUIT\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(
        answer.contains("NOAUTH"),
        "a stranger must not get in: {answer}"
    );

    stdin.write_all(b"\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7));
    assert!(TcpStream::connect(server_of(&database)).is_err());
    assert!(TcpStream::connect(server_of(&redis)).is_err());
}

#[test]
fn two_runs_at_once_have_servers_of_their_own() {
    let folder = Folder::new("two");
    let (one, other) = std::thread::scope(|scope| {
        let script = "echo $TEST_DATABASE_URL; sleep 1";
        let one = scope.spawn(|| run(&folder, script));
        let other = scope.spawn(|| run(&folder, script));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!((one.1, other.1), (Some(0), Some(0)));
    assert_ne!(server_of(&one.0), server_of(&other.0));
}

#[test]
fn servers_that_are_given_are_used() {
    let folder = Folder::new("given");
    let answer = folder
        .batchtrack()
        .env("TEST_DATABASE_URL", "postgres://given")
        .env("TEST_REDIS_URL", "redis://given")
        .args([
            "with-servers",
            "--",
            "sh",
            "-c",
            "echo $TEST_DATABASE_URL $TEST_REDIS_URL",
        ])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(answer.stdout).unwrap(),
        "postgres://given redis://given\n"
    );
    assert!(answer.status.success());
}

use crate::Folder;

#[test]
fn down_says_that_nothing_runs() {
    let folder = Folder::new("down");
    let answer = folder.batchtrack().arg("down").output().unwrap();
    assert!(answer.status.success());
    let said = String::from_utf8(answer.stdout).unwrap();
    assert!(said.starts_with("Nothing runs in "), "{said}");
}

#[test]
fn status_says_so_too_and_fails() {
    let folder = Folder::new("status");
    let answer = folder.batchtrack().arg("status").output().unwrap();
    assert_eq!(answer.status.code(), Some(1));
    let said = String::from_utf8(answer.stdout).unwrap();
    assert!(said.starts_with("Nothing runs in "), "{said}");
}

#[test]
fn a_command_that_needs_the_stack_says_what_is_missing() {
    let folder = Folder::new("migrate");
    let answer = folder.batchtrack().arg("migrate").output().unwrap();
    assert_eq!(answer.status.code(), Some(1));
    let said = String::from_utf8(answer.stderr).unwrap();
    assert!(said.contains("no stack runs in "), "{said}");
    assert!(said.contains("DATABASE_URL"), "{said}");
}

#[test]
fn commands_for_operators_need_the_stack_too() {
    let folder = Folder::new("operators");
    for arguments in [
        ["jobs", "list"].as_slice(),
        &["jobs", "retry", "7"],
        &["dispatch", "--once"],
        &["replay", "--event", "evt_7"],
        &["users", "operator", "add", "ada@example.com"],
        &["mail", "suppressions", "list"],
    ] {
        let answer = folder.batchtrack().args(arguments).output().unwrap();
        let said = String::from_utf8(answer.stderr).unwrap();
        assert_eq!(answer.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("no stack runs in "), "{arguments:?}: {said}");
    }
}

#[test]
fn what_is_meant_has_to_be_said() {
    let folder = Folder::new("said");
    for (arguments, words) in [
        (["dispatch"].as_slice(), "--once"),
        (&["jobs", "retry"], "--kind"),
        (
            &["jobs", "retry", "7", "--kind", "mail.send.v1"],
            "cannot be used with",
        ),
        (&["jobs", "discard"], "<ID>"),
        (&["jobs", "list", "--queue", "letters"], "letters"),
        (&["replay"], "--event"),
        (&["replay", "--event", "seven"], "the number of an event"),
        (
            &["replay", "--event", "7", "--from", "2026-11-21"],
            "cannot be used with",
        ),
        (&["replay", "--from", "yesterday"], "2026-11-21T14:30"),
        (&["replay", "--to", "2026-11-21"], "--from"),
    ] {
        let answer = folder.batchtrack().args(arguments).output().unwrap();
        let said = String::from_utf8(answer.stderr).unwrap();
        assert_eq!(answer.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    let mut add = folder.batchtrack();
    let answer = add
        .args(["users", "operator", "add", "ada"])
        .output()
        .unwrap();
    let said = String::from_utf8(answer.stderr).unwrap();
    assert_eq!(answer.status.code(), Some(1));
    assert!(said.contains("“ada” is no address"), "{said}");
}

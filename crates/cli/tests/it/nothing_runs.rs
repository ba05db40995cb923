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

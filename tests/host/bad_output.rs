//! Output folders that cannot be written to. What was there before stays.

use std::fs;

use rescue_tests::{BEGUN, Run};

#[test]
fn a_file_in_place_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("out"), "mine").unwrap();
    let ran = Run::below(folder, "out", ["--n", "1"]).go();
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    assert!(ran.stderr.contains("out cannot be written: File exists"), "{}", ran.stderr);
    assert_eq!(ran.read("out"), b"mine");
    assert_eq!(ran.files(), ["out"]);
}

#[test]
fn a_path_below_a_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "mine").unwrap();
    let ran = Run::below(folder, "file/out", ["--n", "1"]).go();
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    assert!(ran.stderr.contains("file/out cannot be written: Not a directory"), "{}", ran.stderr);
    assert_eq!(ran.files(), ["file"]);
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_to_write() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    // Root can write everywhere.
    if tempfile::NamedTempFile::new_in(folder.path()).is_err() {
        Run::in_folder(folder, ["--n", "1"]).go().refused(7, &["cannot be written: Permission denied"]);
    }
}

/// The mask fits, but the picture does not. What an earlier run wrote stays, and no file is half written.
#[cfg(unix)]
#[test]
fn a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let earlier = ["mask.png", "overlay.png", "result.json", "timings.json"];
    for name in earlier {
        fs::write(folder.path().join(name), format!("the earlier {name}")).unwrap();
    }
    // Limits files to 1024 blocks of 512 bytes. Writing more is an error that does not end the process. The initial
    // contents of a plugin's memory are a file too, and fit.
    let ran = Run::after("trap '' XFSZ && ulimit -f 1024", folder, ["--n", "1"]).go();
    println!("{}", ran.stderr);
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    assert!(ran.stderr.contains("overlay.png cannot be written: File too large"), "{}", ran.stderr);
    assert!(ran.files().iter().all(|name| earlier.contains(&name.as_str()) || BEGUN.contains(&name.as_str())));
    for name in earlier {
        assert_eq!(ran.read(name), format!("the earlier {name}").as_bytes());
    }
}

/// If a folder is in place of a file, no temporary file is left beside it.
/// Whoever reads the output must not take half of it for all.
#[test]
fn a_full_device_in_the_place_of_standard_output() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    for words in ["plugin list --json", "config schema"] {
        let command = format!("{} {words} > /dev/full", rescue_tests::host().display());
        let ended = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
        assert_eq!(ended.status.code(), Some(7), "{words}");
        assert!(String::from_utf8_lossy(&ended.stderr).contains("standard output cannot be written"), "{words}");
    }
}

#[test]
fn a_folder_in_the_place_of_the_result() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("result.json/x")).unwrap();
    let ran = Run::in_folder(folder, ["--n", "1"]).go();
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    assert!(ran.stderr.contains("result.json cannot be written"), "{}", ran.stderr);
    assert!(ran.files().iter().all(|name| !name.starts_with('.')), "{:?}", ran.files());
}

/// Results have the permissions that all files of this user have.
#[cfg(unix)]
#[test]
fn files_have_the_usual_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |file: &std::path::Path| fs::metadata(file).unwrap().permissions().mode();
    fs::write(folder.path().join("usual"), "").unwrap();
    let usual = mode(&folder.path().join("usual"));
    let ran = Run::in_folder(folder, ["--n", "1"]).go();
    ran.answered(0);
    for name in ["mask.png", "overlay.png", "result.json", "timings.json"] {
        assert_eq!(mode(&ran.path(name)), usual, "{name}");
    }
}

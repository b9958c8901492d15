//! The commands in README.md and docs/ work as they stand there.

use std::path::{Path, PathBuf};
use std::process::Command;

use rescue_fleet::{Fleet, FleetConfig, PHOTO, draw_scenes};
use rescue_tests::{host, plugin, python, root};

/// README.md and the pages of the book.
fn pages() -> Vec<PathBuf> {
    let book = std::fs::read_dir(root().join("docs/src")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = book.chain([root().join("README.md")]).collect();
    pages.sort();
    pages
}

/// The commands of a page, each with the exit code that its comment names, or 0.
fn commands(text: &str) -> Vec<(String, i32)> {
    let mut commands = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            let (command, comment) = command.split_once("    #").unwrap_or((command, ""));
            let code = comment.split_once("exit code ").map_or(0, |(_, code)| code.trim().parse().unwrap());
            commands.push((command.trim().to_owned(), code));
        }
    }
    commands
}

/// A folder with the files that the pages speak of.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("photos")).unwrap();
    let list = "{\"image\": \"dogs.jpg\", \"query\": \"the dog on the left\"}\n";
    std::fs::write(folder.path().join("list.jsonl"), list).unwrap();
    for (from, to) in [
        (root().join("examples/photos/dogs.jpg"), "street.jpg"),
        (root().join("examples/photos/dogs.jpg"), "dogs.jpg"),
        (root().join("examples/photos/dogs.jpg"), "photos/dogs.jpg"),
        (plugin("pyramid"), "my-pyramid.wasm"),
    ] {
        std::fs::copy(from, folder.path().join(to)).unwrap();
    }
    let sets = root().join("host/dataset/tests/sets");
    let data = folder.path().join("data");
    for (from, to) in [("reasonseg", "ReasonSeg"), ("refcoco", "refcoco"), ("images", "images"), ("own", "")] {
        copy_folder(&sets.join(from), &data.join(to));
    }
    std::fs::rename(data.join("list.jsonl"), data.join("mine.jsonl")).unwrap();
    folder
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap().map(|file| file.unwrap().path()) {
        let to = to.join(file.file_name().unwrap());
        if file.is_dir() {
            copy_folder(&file, &to);
        } else {
            std::fs::copy(&file, to).unwrap();
        }
    }
}

/// Runs a command of a page by a shell, with `rescue-host` on the path and none of this process's variables for services.
fn run(folder: &Path, exports: &[String], command: &str) -> (Option<i32>, String) {
    let path = format!("{}:{}", host().parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    rescue_tests::without_proxies(&mut shell);
    for service in ["PLANNER_API_BASE", "VERIFIER_API_BASE", "EXECUTOR_URL", "CLIP_SERVER_URL"] {
        shell.env_remove(service);
    }
    let text = exports.iter().map(String::as_str).chain([command]).collect::<Vec<_>>().join(" && ");
    let output = shell.env("PATH", path).args(["-c", &text]).current_dir(folder).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

/// The tasks that `cargo xtask` knows, from its help.
fn tasks() -> Vec<String> {
    let help = std::fs::read_to_string(root().join("xtask/src/main.rs")).unwrap();
    let lines =
        help.lines().skip_while(|line| !line.starts_with("const HELP")).take_while(|line| !line.ends_with("\";"));
    lines.filter_map(|line| Some(line.strip_prefix("  ")?.split_whitespace().next()?.to_owned())).collect()
}

/// Runs those commands of a page that are wished in a folder of its own. `ledger` is shared by pages, so that the embedded networks see each photo once.
/// Returns how many there were.
fn try_page(
    page: &Path,
    fleet: &Fleet,
    ledger: &Path,
    mut exports: Vec<String>,
    wished: impl Fn(&str) -> bool,
) -> usize {
    let scene = &fleet.scenes()[0];
    let urls = fleet.urls();
    let ports = [
        ("http://localhost:8002/v1", &urls.planner),
        ("http://localhost:8000/v1", &urls.verifier),
        ("http://localhost:8001", &urls.executor),
        ("http://localhost:8003/verify", &urls.clip),
    ];
    let tasks = tasks();
    let name = page.file_name().unwrap().to_string_lossy().into_owned();
    let folder = folder();
    std::fs::write(folder.path().join("PHOTO"), &scene.photo).unwrap();
    if name != "ledger.md" {
        let config = format!("[run]\nledger = '{}'\n", ledger.display());
        std::fs::write(folder.path().join("rescue.toml"), config).unwrap();
    }
    let mut ran = 0;
    let all = commands(&std::fs::read_to_string(page).unwrap());
    for (mut command, expected) in all.into_iter().filter(|(command, _)| wished(command)) {
        if let Some(task) = command.strip_prefix("cargo xtask ") {
            assert!(tasks.iter().any(|known| known == task), "{name}: there is no `cargo xtask {task}`");
            continue;
        }
        if command.starts_with("cargo ") {
            continue;
        }
        for (port, url) in ports {
            command = command.replace(port, url);
        }
        command = command.replace("QUERY", &scene.query);
        if command.starts_with("export ") {
            exports.push(command);
            continue;
        }
        let (code, text) = run(folder.path(), &exports, &command);
        assert_eq!(code, Some(expected), "{name}: `{command}`\n{text}");
        ran += 1;
    }
    ran
}

/// A page of which the commands need tools that are not Rust's.
const PYTHON: &str = "python.md";

fn fleet() -> Fleet {
    let scenes = draw_scenes(11, 1, &[PHOTO]).unwrap();
    Fleet::start(FleetConfig { scenes, ..FleetConfig::default() }).unwrap()
}

#[test]
fn every_command_of_the_documentation_works() {
    let (fleet, ledger) = (fleet(), tempfile::tempdir().unwrap());
    let pages = pages().into_iter().filter(|page| !page.ends_with(PYTHON));
    let ran: usize = pages.map(|page| try_page(&page, &fleet, ledger.path(), Vec::new(), |_| true)).sum();
    assert!(ran > 20, "only {ran} commands were found");
}

/// From an empty folder: a plugin in Python is made and tested; with `RESCUE_GUIDES=1`, it is also built, checked, and used by `run` and `eval`,
/// which takes a minute.
#[test]
fn every_command_of_the_guide_for_python_works() {
    let (fleet, ledger) = (fleet(), tempfile::tempdir().unwrap());
    let environment = format!("export VIRTUAL_ENV='{}'", python::environment().display());
    let is_whole = std::env::var("RESCUE_GUIDES").is_ok();
    let wished =
        |command: &str| is_whole || command.starts_with("rescue-host plugin new") || command.contains(" test ");
    let ran = try_page(&root().join("docs/src").join(PYTHON), &fleet, ledger.path(), vec![environment], wished);
    assert!(ran >= if is_whole { 5 } else { 2 }, "only {ran} commands were found");
}

/// Every page is in the book, and every link within the repository leads somewhere.
#[test]
fn links_lead_somewhere() {
    let summary = std::fs::read_to_string(root().join("docs/src/SUMMARY.md")).unwrap();
    for page in pages().into_iter().chain(["ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name))) {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        if page.parent().unwrap().ends_with("docs/src") && name != "SUMMARY.md" {
            assert!(summary.contains(&format!("({name})")), "{name} is not in SUMMARY.md");
        }
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let is_elsewhere = link.contains("://") || link.is_empty();
            assert!(is_elsewhere || page.parent().unwrap().join(link).exists(), "{name}: {link} is not there");
        }
    }
}

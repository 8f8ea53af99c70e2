//! The page in a real browser. Ignored, and silent where no Chromium is installed:
//! `cargo test --test page -- --ignored`.

#![allow(clippy::expect_used, clippy::print_stderr, clippy::unwrap_used)]

mod common;

use std::fs;
use std::process::Command;

use common::{run, testdata};

/// Names under which the browser is installed.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Uses the page as a person does, by mouse and by keyboard, and says what is wrong in the title.
const VISIT: &str = r#"<script>
const wrong = [];
addEventListener("error", (event) => wrong.push(`error: ${event.message}`));
addEventListener("securitypolicyviolation", (event) => wrong.push(`refused: ${event.blockedURI}`));
addEventListener("load", () => {
  const expect = (what, holds) => { if (!holds) wrong.push(what); };
  const cells = [...document.querySelectorAll("tbody td button")];
  const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const panel = () => document.getElementById("panel");
  expect("more than fifteen columns", document.querySelectorAll("tbody tr:first-child button").length > 15);
  expect("one stop for the tab key", cells.filter((cell) => cell.tabIndex === 0).length === 1);
  for (const cell of cells) {
    cell.click();
    expect(`${cell.getAttribute("aria-label")} opens`, panel() && panel().textContent.length > 20);
    expect("it opens below its row", cell.closest("tr").nextElementSibling.contains(panel()));
    expect("one is open", document.querySelectorAll("[aria-expanded=true]").length === 1);
  }
  expect("the open panel is as wide as what is seen", panel().getBoundingClientRect().right <= innerWidth);
  cells.at(-1).click();
  expect("a second click closes", !panel());
  cells[0].focus();
  press("ArrowRight");
  expect("right", document.activeElement === cells[1]);
  press("ArrowDown");
  expect("down", Number(document.activeElement.dataset.row) === 1);
  press("End");
  expect("end", Number(document.activeElement.dataset.row) === 1 && document.activeElement !== cells[1]);
  document.activeElement.click();
  press("Escape");
  expect("escape closes and stays", !panel() && document.activeElement.tagName === "BUTTON");
  expect("nothing is wider than the window", document.documentElement.scrollWidth <= innerWidth);
  document.title = wrong.length === 0 ? `fine at ${innerWidth}` : wrong.join("; ");
});
</script>"#;

fn browser() -> Option<&'static str> {
    let runs = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
    BROWSERS.into_iter().find(runs)
}

#[test]
#[ignore = "needs Chromium"]
fn a_page_works_in_a_browser() {
    let Some(browser) = browser() else {
        eprintln!("no Chromium is installed: nothing was tried");
        return;
    };
    let page = run(&testdata().join("mini-vllm"), &["audit", "--arch", "gfx906", "--format", "html"]).out;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let visited = page.replacen("<style>", &format!("{VISIT}<style>"), 1);
    assert_ne!(page, visited);
    fs::write(&file, visited).unwrap();
    for (width, scheme) in [(1280, "light"), (520, "dark")] {
        let profile = folder.path().join(scheme);
        let output = Command::new(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--dump-dom"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--window-size={width},900"))
            .args((scheme == "dark").then_some("--force-dark-mode"))
            .arg("--virtual-time-budget=5000")
            .arg(&file)
            .output()
            .unwrap();
        let dom = String::from_utf8_lossy(&output.stdout);
        let title = dom.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_default();
        assert!(title.starts_with("fine at "), "{width} {scheme}: {title}");
    }
}

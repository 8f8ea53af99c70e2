#![allow(clippy::all, clippy::print_stdout, clippy::unwrap_used, missing_docs)]
use gfxlint::*;
fn main() {
    let k = knowledge::Knowledge::embedded().unwrap();
    let t = std::time::Instant::now();
    let w = scan::scan(scan::Input::Paths(vec![".".into()]), &k).unwrap();
    eprintln!("{:?} files {} version {:?}", t.elapsed(), w.sources().len(), w.vllm_version());
    let u = &k.universe;
    let facts: Vec<_> = w.sites().iter().map(|s| {
        let p = w.sources().start(s.at); let e = w.sources().end(s.at);
        serde_json::json!({"fact":"arch-set","path": w.sources().get(s.at.file).path, "line": p.line, "column": p.column, "end_line": e.line, "end_column": e.column, "kind": s.kind.name(), "symbol": s.symbol, "written": s.written, "match": s.mode, "covers": u.names(s.covers), "negated": s.negated, "effective": u.names(s.effective), "via": s.via.map(|v| format!("{}:{}", w.sources().get(v.file).path, w.sources().start(v).line))})
    }).collect();
    println!("{}", serde_json::json!({"version":1,"facts":facts}));
}

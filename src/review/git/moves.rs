//! Files that moved: git stores no such thing, so it is told by what they hold.

use rustc_hash::FxHashMap;

use super::Side;

/// The pairs of a path that went and a path that came with the same text, or with most of its lines under the same name.
pub(super) fn find(sides: &[Side]) -> Vec<(String, String)> {
    let gone: Vec<(&str, &Vec<u8>)> = sides
        .iter()
        .filter_map(|(path, old, new)| Some((path.as_str(), old.as_ref().filter(|_| new.is_none())?)))
        .collect();
    let came: Vec<(&str, &Vec<u8>)> = sides
        .iter()
        .filter_map(|(path, old, new)| Some((path.as_str(), new.as_ref().filter(|_| old.is_none())?)))
        .collect();
    let mut moves: Vec<(String, String)> = Vec::new();
    for (to, text) in came {
        let is_free = |from: &&(&str, &Vec<u8>)| !moves.iter().any(|(taken, _)| taken == from.0);
        let same = gone.iter().filter(is_free).find(|(_, old)| *old == text && !text.is_empty());
        let alike = || gone.iter().filter(is_free).find(|(from, old)| name(from) == name(to) && is_alike(old, text));
        if let Some((from, _)) = same.or_else(alike) {
            moves.push(((*from).to_owned(), to.to_owned()));
        }
    }
    moves
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Whether two texts share at least half of their lines.
fn is_alike(old: &[u8], new: &[u8]) -> bool {
    let lines = |text: &[u8]| text.split(|&byte| byte == b'\n').count();
    let mut left: FxHashMap<&[u8], usize> = FxHashMap::default();
    old.split(|&byte| byte == b'\n').for_each(|line| *left.entry(line).or_default() += 1);
    let shared = new
        .split(|&byte| byte == b'\n')
        .filter(|line| {
            left.get_mut(line).is_some_and(|count| {
                let is_left = *count > 0;
                *count = count.saturating_sub(1);
                is_left
            })
        })
        .count();
    shared * 2 >= lines(old).max(lines(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_move_with_their_text() {
        let side = |path: &str, old: Option<&str>, new: Option<&str>| {
            (path.to_owned(), old.map(|text| text.as_bytes().to_vec()), new.map(|text| text.as_bytes().to_vec()))
        };
        let sides = [
            side("a/x.py", Some("1\n2\n3\n"), None),
            side("b/x.py", None, Some("1\n2\n4\n")),
            side("c.py", Some("same"), None),
            side("d.py", None, Some("same")),
            side("e.py", None, Some("other")),
        ];
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(find(&sides), [pair("a/x.py", "b/x.py"), pair("c.py", "d.py")]);
    }
}

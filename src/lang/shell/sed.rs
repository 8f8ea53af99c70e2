//! Commands that filter text (`sed`, `tr`, `grep`, `paste`) as filters; all arguments are known strings.

use super::pattern::{basic_to_extended, extended};
use crate::facts::Filter;

/// The filters that a command amounts to; none where it, or an option of it, is not understood.
pub(super) fn filters(command: &str, arguments: &[String]) -> Option<Vec<Filter>> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match command.rsplit('/').next().unwrap_or(command) {
        "sed" | "gsed" => sed(&arguments),
        "tr" => tr(&arguments).map(|filter| vec![filter]),
        "grep" | "egrep" => grep(&arguments, command.ends_with("egrep")).map(|filter| vec![filter]),
        "paste" => paste(&arguments).map(|filter| vec![filter]),
        "cat" if arguments.is_empty() => Some(Vec::new()),
        _ => None,
    }
}

/// The files that `sed -i` edits, and what it does to each line, as far as that is understood; none for other commands.
pub(super) fn in_place(command: &str, arguments: &[String]) -> Option<(Vec<String>, Option<Vec<Filter>>)> {
    let is_sed = matches!(command.rsplit('/').next().unwrap_or(command), "sed" | "gsed");
    let is_joined = |argument: &str| matches!(argument, "-Ei" | "-ri");
    let is_option =
        |argument: &str| argument.starts_with("-i") || argument.starts_with("--in-place") || is_joined(argument);
    if !is_sed || !arguments.iter().any(|argument| is_option(argument)) {
        return None;
    }
    let extended = arguments.iter().any(|argument| is_joined(argument)).then_some("-E");
    let others: Vec<&str> = extended
        .into_iter()
        .chain(arguments.iter().map(String::as_str).filter(|argument| !is_option(argument)))
        .collect();
    let Some((scripts, files, is_extended)) = sed_arguments(&others) else { return Some((arguments.to_vec(), None)) };
    let mut filters = Vec::new();
    let understood = scripts.iter().try_for_each(|script| sed_script(script, is_extended, &mut filters));
    Some((files.into_iter().map(ToOwned::to_owned).collect(), understood.map(|()| filters)))
}

fn sed(arguments: &[&str]) -> Option<Vec<Filter>> {
    let (scripts, files, is_extended) = sed_arguments(arguments)?;
    // With files, this sed does not read the list.
    if !files.is_empty() {
        return None;
    }
    let mut filters = Vec::new();
    for script in scripts {
        sed_script(script, is_extended, &mut filters)?;
    }
    Some(filters)
}

/// The scripts and files of a `sed`, and whether its patterns are extended ones.
fn sed_arguments<'a>(arguments: &[&'a str]) -> Option<(Vec<&'a str>, Vec<&'a str>, bool)> {
    let mut is_extended = false;
    let (mut scripts, mut operands) = (Vec::new(), Vec::new());
    let mut rest = arguments.iter().copied();
    while let Some(argument) = rest.next() {
        match argument {
            "-E" | "-r" | "--regexp-extended" => is_extended = true,
            "-e" | "--expression" => scripts.push(rest.next()?),
            "-Ee" | "-re" => {
                is_extended = true;
                scripts.push(rest.next()?);
            }
            _ => match argument.strip_prefix("--expression=").or_else(|| argument.strip_prefix("-e")) {
                Some(script) => scripts.push(script),
                None if argument.starts_with('-') => return None,
                None => operands.push(argument),
            },
        }
    }
    if scripts.is_empty() && !operands.is_empty() {
        scripts.push(operands.remove(0));
    }
    (!scripts.is_empty()).then_some((scripts, operands, is_extended))
}

/// The `s` and `y` commands of a script, joined by `;` or newlines.
fn sed_script(script: &str, is_extended: bool, filters: &mut Vec<Filter>) -> Option<()> {
    let separators = [' ', '\t', ';', '\n'];
    let mut rest = script.trim_start_matches(separators);
    while !rest.is_empty() {
        let command = rest.chars().next()?;
        let delimiter = rest.chars().nth(1).filter(|char| !char.is_alphanumeric() && !matches!(char, '\\' | '\n'))?;
        let (pattern, after) = delimited(rest.get(1 + delimiter.len_utf8()..)?, delimiter)?;
        let (replacement, after) = delimited(after, delimiter)?;
        let flags_end = after.find(separators).unwrap_or(after.len());
        let flags = &after[..flags_end];
        filters.push(match command {
            's' => substitution(&pattern, replacement, flags, is_extended)?,
            'y' if flags.is_empty() && !replacement.is_empty() => {
                Filter::Translate { from: set(&pattern)?, to: set(&replacement)? }
            }
            _ => return None,
        });
        rest = after[flags_end..].trim_start_matches(separators);
    }
    Some(())
}

fn substitution(pattern: &str, replacement: String, flags: &str, is_extended: bool) -> Option<Filter> {
    if pattern.is_empty() || !flags.chars().all(|flag| matches!(flag, 'g' | 'I' | 'i')) {
        return None;
    }
    let converted = if is_extended { extended(pattern) } else { basic_to_extended(pattern) };
    let case = if flags.contains(['I', 'i']) { "(?i)" } else { "" };
    Some(Filter::Substitute { pattern: format!("{case}{converted}"), replacement, global: flags.contains('g') })
}

/// The text before the next delimiter, and what follows it. A protected delimiter stands for itself.
fn delimited(text: &str, delimiter: char) -> Option<(String, &str)> {
    let mut made = String::new();
    let mut chars = text.char_indices();
    while let Some((at, next)) = chars.next() {
        if next == delimiter {
            return Some((made, &text[at + next.len_utf8()..]));
        }
        if next != '\\' {
            made.push(next);
            continue;
        }
        let (_, protected) = chars.next()?;
        if protected != delimiter {
            made.push('\\');
        }
        made.push(protected);
    }
    None
}

fn tr(arguments: &[&str]) -> Option<Filter> {
    match arguments {
        ["-d" | "--delete", from] => Some(Filter::Translate { from: set(from)?, to: String::new() }),
        [from, to] if !from.starts_with('-') && !to.is_empty() => {
            Some(Filter::Translate { from: set(from)?, to: set(to)? })
        }
        _ => None,
    }
}

/// The characters of a set of `tr`: escapes, ranges and the common classes written out.
fn set(written: &str) -> Option<String> {
    match written {
        "[:lower:]" => return Some(('a'..='z').collect()),
        "[:upper:]" => return Some(('A'..='Z').collect()),
        "[:space:]" => return Some(" \t\n\r\u{b}\u{c}".to_owned()),
        "[:digit:]" => return Some(('0'..='9').collect()),
        _ if written.contains("[:") || written.len() > 64 => return None,
        _ => {}
    }
    let mut chars = Vec::new();
    let mut rest = written.chars();
    while let Some(next) = rest.next() {
        chars.push(match next {
            '\\' => match rest.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) if !other.is_ascii_digit() => other,
                Some(_) => return None,
                None => '\\',
            },
            other => other,
        });
    }
    let mut made = String::new();
    let mut at = 0;
    while let Some(&char) = chars.get(at) {
        match (chars.get(at + 1), chars.get(at + 2)) {
            (Some('-'), Some(&last))
                if char.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() && char <= last =>
            {
                made.extend(char..=last);
                at += 3;
            }
            _ => {
                made.push(char);
                at += 1;
            }
        }
    }
    Some(made)
}

fn grep(arguments: &[&str], mut is_extended: bool) -> Option<Filter> {
    let (mut keep, mut fixed, mut ignore_case) = (true, false, false);
    let mut patterns = Vec::new();
    let mut rest = arguments.iter().copied();
    while let Some(argument) = rest.next() {
        let Some(options) = argument.strip_prefix('-').filter(|options| !options.is_empty()) else {
            patterns.push(argument);
            continue;
        };
        for option in options.chars() {
            match option {
                'v' => keep = false,
                'E' | 'P' => is_extended = true,
                'F' => fixed = true,
                'i' => ignore_case = true,
                'e' if options.ends_with('e') => patterns.push(rest.next()?),
                _ => return None,
            }
        }
    }
    // A second operand is a file, but patterns of `-e` are kept in the same list: several need `-e` for each.
    let several = arguments.iter().filter(|argument| argument.starts_with('-') && argument.ends_with('e')).count();
    if patterns.is_empty() || (patterns.len() > 1 && several != patterns.len()) {
        return None;
    }
    let convert = |pattern: &&str| match (fixed, is_extended) {
        (true, _) => regex_lite::escape(pattern),
        (_, true) => extended(pattern),
        _ => basic_to_extended(pattern),
    };
    let joined = patterns.iter().map(convert).collect::<Vec<_>>().join("|");
    let case = if ignore_case { "(?i)" } else { "" };
    Some(Filter::Lines { pattern: format!("{case}{joined}"), keep })
}

/// `paste -sd';'` and its other spellings; the files may be `-` alone.
fn paste(arguments: &[&str]) -> Option<Filter> {
    let (mut serial, mut separator) = (false, None);
    let mut rest = arguments.iter().copied().filter(|&argument| argument != "-");
    while let Some(argument) = rest.next() {
        let options = argument.strip_prefix('-')?;
        let options = options.strip_prefix('s').inspect(|_| serial = true).unwrap_or(options);
        match options.strip_prefix('d') {
            Some("") => separator = Some(rest.next()?),
            Some(written) => separator = Some(written),
            None if options.is_empty() => {}
            None => return None,
        }
    }
    serial.then(|| Filter::Join(separator.unwrap_or("\t").replace("\\n", "\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &str, arguments: &[&str]) -> Option<Vec<Filter>> {
        filters(command, &arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())
    }

    fn substitute(pattern: &str, replacement: &str, global: bool) -> Filter {
        Filter::Substitute { pattern: pattern.to_owned(), replacement: replacement.to_owned(), global }
    }

    #[test]
    fn sed_scripts_hold_several_commands() {
        let wanted = vec![substitute(r"\;", " --offload-arch=", true), substitute("^", "--offload-arch=", false)];
        assert_eq!(of("sed", &["s/\\;/ --offload-arch=/g; s/^/--offload-arch=/"]), Some(wanted));
        assert_eq!(
            of("sed", &["-E", "-e", "s|a+|b/c|", "-e", "s,x,,g"]),
            Some(vec![substitute("a+", "b/c", false), substitute("x", "", true)])
        );
        assert_eq!(of("sed", &["-e", r"s/a\/b/&/"]), Some(vec![substitute("a/b", "&", false)]));
    }

    #[test]
    fn what_is_not_understood_is_no_filter() {
        assert_eq!(of("sed", &["-i", "s/a/b/", "CMakeLists.txt"]), None);
        assert_eq!(of("sed", &["s/a/b/", "CMakeLists.txt"]), None);
        assert_eq!(of("sed", &["-n", "s/a/b/p"]), None);
        assert_eq!(of("sed", &["2d"]), None);
        assert_eq!(of("grep", &["-o", "gfx"]), None);
        assert_eq!(of("cut", &["-d;", "-f1"]), None);
        assert_eq!(of("tr", &["-s", " ", ";"]), None);
    }

    #[test]
    fn files_are_edited_in_place() {
        let edit = |arguments: &[&str]| {
            in_place("sed", &arguments.iter().map(|&argument| argument.to_owned()).collect::<Vec<_>>())
        };
        let files = vec!["CMakeLists.txt".to_owned()];
        assert_eq!(
            edit(&["-i", "s/a/b/", "CMakeLists.txt"]),
            Some((files.clone(), Some(vec![substitute("a", "b", false)])))
        );
        assert_eq!(
            edit(&["-i.bak", "-E", "s/a+/b/", "CMakeLists.txt"]),
            Some((files.clone(), Some(vec![substitute("a+", "b", false)])))
        );
        assert_eq!(edit(&["-i", "/x/d", "CMakeLists.txt"]), Some((files, None)));
        assert_eq!(edit(&["s/a/b/", "CMakeLists.txt"]), None);
    }

    #[test]
    fn the_small_tools_are_read() {
        let translate =
            |from: &str, to: &str| Some(vec![Filter::Translate { from: from.to_owned(), to: to.to_owned() }]);
        assert_eq!(of("tr", &[";", r"\n"]), translate(";", "\n"));
        assert_eq!(of("tr", &["-d", "a-c"]), translate("abc", ""));
        assert_eq!(
            of("grep", &["-vE", "^gfx1"]),
            Some(vec![Filter::Lines { pattern: "^gfx1".to_owned(), keep: false }])
        );
        for spelling in [&["-sd;"][..], &["-sd", ";", "-"], &["-s", "-d;"]] {
            assert_eq!(of("paste", spelling), Some(vec![Filter::Join(";".to_owned())]));
        }
    }
}

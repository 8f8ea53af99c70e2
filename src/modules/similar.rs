//! Whether one name is surely another spelling of a second one.

/// The shortest name that is compared, in bytes: shorter ones are alike by chance.
const SHORTEST: usize = 5;

/// Whether a name may have been renamed to, or be a slip for, another one: few letters differ, or one contains the
/// other but for a short addition (`Loader`, `LoaderV2`, `BaseLoader`).
pub fn is_similar(one: &str, other: &str) -> bool {
    if one == other || one.len().min(other.len()) < SHORTEST {
        return false;
    }
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let added = long.len() - short.len();
    if long.contains(short) && added * 2 <= short.len() {
        return true;
    }
    // A swap counts as two changes; digits are left alone, since `gfx9` and `gfx90a` are different things.
    let digits = |name: &str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    digits(one) == digits(other)
        && distance(one, other) <= (short.len() / 8).clamp(1, 3).max(usize::from(short.len() >= SHORTEST + 3) * 2)
}

/// The number of letters to insert, delete or replace.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (column, &there) in other.iter().enumerate() {
            let replaced = corner + usize::from(letter != there);
            corner = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(corner + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_and_slips_are_seen() {
        for (one, other) in [
            ("Loader", "LoaderV2"),
            ("ScaleParameter", "BaseScaleParameter"),
            ("ConfigCnofig", "ConfigConfig"),
            ("load_weight", "load_weights"),
        ] {
            assert!(is_similar(one, other), "{one} {other}");
        }
    }

    #[test]
    fn different_names_stay_different() {
        for (one, other) in [
            ("rand_fp4_like", "rand_fp8_like"),
            ("cdiv", "cdiv2"),
            ("supports_xccl", "supports_dynamo"),
            ("get_config", "get_context"),
        ] {
            assert!(!is_similar(one, other), "{one} {other}");
        }
    }
}

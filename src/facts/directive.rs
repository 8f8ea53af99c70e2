//! Comments that speak to gfxlint: `# gfxlint: ignore[GFX101] reason`.

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// A comment that asks for findings to be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directive {
    /// What it covers.
    pub reach: Reach,
    /// The rules that it names: ids, starts of ids, names.
    pub selectors: Vec<Selector>,
    /// Why, in the author's words; empty where nothing is said.
    pub reason: String,
    /// The last day on which it holds, with where that is written.
    pub until: Option<(Date, Span)>,
    /// From `gfxlint:` to the end of what is understood.
    pub span: Span,
    /// What is cut out to remove it: the whole line where nothing else stands there.
    pub removal: Span,
    /// Whether it stands where the language has no comments, so that it is part of a value.
    pub is_value: bool,
    /// Whether it stands in an example that a document shows: such comments need not leave anything out.
    pub is_shown: bool,
    /// What is wrong with it, and where; one with a fault leaves nothing out.
    pub fault: Option<(String, Span)>,
}

/// What a directive covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// The whole file.
    File,
    /// Regions, nearest first: the first that holds a finding of the rule counts.
    Regions(Vec<Span>),
}

/// A rule, as a directive names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    /// What is written.
    pub text: String,
    /// Where.
    pub span: Span,
    /// What is cut out to remove it alone: with the comma on one side.
    pub removal: Span,
}

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1.
    pub day: u8,
}

impl Date {
    /// Reads `2027-01-31`.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        if text.len() != 10 || !shape {
            return None;
        }
        let date =
            Self { year: text[..4].parse().ok()?, month: text[5..7].parse().ok()?, day: text[8..].parse().ok()? };
        ((1..=12).contains(&date.month) && (1..=date.days_in_month()).contains(&date.day)).then_some(date)
    }

    fn days_in_month(self) -> u8 {
        let is_leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// The day that lies so many days after 1970-01-01.
    pub fn from_days(mut days: u64) -> Self {
        let mut date = Self { year: 1970, month: 1, day: 1 };
        // A few dozen years, month by month: simpler than a formula, and nobody waits for it.
        while days >= u64::from(date.days_in_month()) && date.year < u16::MAX {
            days -= u64::from(date.days_in_month());
            date.month += 1;
            if date.month > 12 {
                date = Self { year: date.year + 1, month: 1, day: 1 };
            }
        }
        date.day = u8::try_from(days + 1).unwrap_or(1);
        date
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn dates_are_days_that_exist() {
        for good in ["2027-01-01", "2028-02-29", "2000-02-29", "2026-12-31"] {
            assert_eq!(Date::parse(good).unwrap().to_string(), good);
        }
        for bad in ["2027-02-29", "1900-02-29", "2027-13-01", "2027-00-01", "2027-04-31", "27-01-01", "2027/01/01", ""]
        {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        assert!(Date::parse("2027-01-02") > Date::parse("2026-12-31"));
    }

    #[test]
    fn days_since_1970_are_dates() {
        for (days, date) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_782, "2026-11-25")] {
            assert_eq!(Date::from_days(days).to_string(), date);
        }
    }
}

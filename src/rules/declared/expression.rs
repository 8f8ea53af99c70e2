//! Conditions and messages of users' rules: expressions and templates of minijinja, which read like Python.

use std::ops::Range;
use std::sync::LazyLock;

use minijinja::{Environment, Error, ErrorKind, Expression, State, Template, UndefinedBehavior, Value};

/// Steps after which an expression is given up: a rule's condition needs a few dozen.
const FUEL: u64 = 100_000;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    // Names are checked when a rule is read; what a launch has no option for is merely not there.
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_test("matching", matching);
    environment.set_unknown_method_callback(method);
    environment
});

/// `value is matching("^gfx9")`.
fn matching(value: &str, pattern: &str) -> Result<bool, Error> {
    regex_lite::Regex::new(pattern)
        .map(|pattern| pattern.is_match(value))
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("not a pattern: {error}")))
}

/// The methods of Python's strings that conditions need.
fn method(_: &mut State<'_, '_>, value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    let unknown = || Error::from(ErrorKind::UnknownMethod);
    let text = value.as_str().ok_or_else(unknown)?;
    let argument = arguments.first().and_then(Value::as_str);
    Ok(match (name, argument, arguments.len()) {
        ("startswith", Some(start), 1) => Value::from(text.starts_with(start)),
        ("endswith", Some(end), 1) => Value::from(text.ends_with(end)),
        ("lower", None, 0) => Value::from(text.to_lowercase()),
        ("upper", None, 0) => Value::from(text.to_uppercase()),
        ("strip", None, 0) => Value::from(text.trim()),
        ("split", None, 0) => text.split_whitespace().map(Value::from).collect(),
        ("split", Some(separator), 1) if !separator.is_empty() => text.split(separator).map(Value::from).collect(),
        _ => return Err(unknown()),
    })
}

/// What is wrong with an expression, and where in it.
pub(super) struct Fault {
    pub(super) cause: String,
    pub(super) at: Option<Range<usize>>,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let kind = error.kind().to_string();
        let cause = error.detail().map_or(kind, ToOwned::to_owned);
        Self { cause, at: error.range() }
    }
}

/// A condition.
pub(super) struct Condition(Expression<'static, 'static>);

impl Condition {
    /// Reads a condition over these names.
    ///
    /// # Errors
    /// What is no expression, and names that do not exist.
    pub(super) fn new(text: &str, names: &[&'static str]) -> Result<Self, Fault> {
        let expression = ENVIRONMENT.compile_expression_owned(text.to_owned())?;
        let mut used: Vec<String> = expression.undeclared_variables(false).into_iter().collect();
        used.sort();
        check_names(text, &used, names)?;
        Ok(Self(expression))
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// What cannot be computed: `1 in 2`.
    pub(super) fn holds(&self, values: &Value) -> Result<bool, Fault> {
        Ok(self.0.eval(values.clone())?.is_true())
    }
}

/// A message with names in it.
pub(super) struct Message(Template<'static, 'static>);

impl Message {
    /// Reads a message; none of its names is checked where there are none to check against.
    ///
    /// # Errors
    /// What is no template, and names that do not exist.
    pub(super) fn new(text: &str, names: &[&str]) -> Result<Self, Fault> {
        // Rules live as long as the run.
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        let template = ENVIRONMENT.template_from_str(text)?;
        let mut used: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        used.sort();
        check_names(text, &used, names)?;
        Ok(Self(template))
    }

    /// The message about these values.
    ///
    /// # Errors
    /// What cannot be computed.
    pub(super) fn about(&self, values: &Value) -> Result<String, Fault> {
        Ok(self.0.render(values.clone())?)
    }
}

/// Checks that names exist; those of functions do.
fn check_names(text: &str, used: &[String], names: &[&str]) -> Result<(), Fault> {
    let globals: Vec<&str> = ENVIRONMENT.globals().map(|(name, _)| name).collect();
    let Some(unknown) = used.iter().find(|used| !names.contains(&used.as_str()) && !globals.contains(&used.as_str()))
    else {
        return Ok(());
    };
    let near = names.iter().map(|name| (crate::knowledge::distance(unknown, name), name));
    let meant = near.filter(|(steps, name)| *steps <= 1 + name.len() / 4).min();
    let help = meant
        .map_or_else(|| format!("the names are {}", names.join(", ")), |(_, meant)| format!("did you mean `{meant}`?"));
    let at = word(text, unknown);
    Err(Fault { cause: format!("there is no `{unknown}` here; {help}"), at })
}

/// Where a word first stands by itself.
fn word(text: &str, word: &str) -> Option<Range<usize>> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).map(|(at, _)| at..at + word.len()).find(|at| {
        !text[..at.start].ends_with(|letter| is_part(letter) || letter == '.') && !text[at.end..].starts_with(is_part)
    })
}

//! Users of the machine, and the groups that they are in.

use super::reader::{Owner, Reader};
use super::syntax::{Attr, Id};
use crate::facts::{NixUser, NixValue};

/// Sets of users by name; the second is what they were called.
const USERS: &[&str] = &["users", "extraUsers"];

/// Finds the groups that users are put into: `extraGroups` of a user, and `members` of a group.
pub(super) fn users(reader: &Reader<'_>) -> Vec<NixUser> {
    (0..reader.syntax.exprs.len()).flat_map(|id| user(reader, id)).collect()
}

fn user(reader: &Reader<'_>, id: Id) -> Vec<NixUser> {
    let name = reader.syntax.binding_of(id).and_then(|binding| binding.path.last()).and_then(Attr::name);
    match name.map(|name| name.text.as_str()) {
        Some("extraGroups" | "group") => of_user(reader, id).into_iter().collect(),
        Some("members") => of_group(reader, id),
        _ => Vec::new(),
    }
}

/// `users.users.me.extraGroups = [ ... ];`
fn of_user(reader: &Reader<'_>, id: Id) -> Option<NixUser> {
    let owner = reader.owner(id);
    let (field, above) = owner.path.split_last()?;
    let name = below(&owner, above.len(), USERS);
    // A service has a group too, and a module declares options.
    let is_declared = above.first().is_some_and(|first| first.text == "options");
    if is_declared || field.text == "group" && name.is_none() {
        return None;
    }
    // `users.extraGroups` was the set of all groups once.
    if matches!(reader.value(id), NixValue::Set(..)) {
        return None;
    }
    let (groups, is_open) = texts(reader, id);
    Some(NixUser { name: name.flatten(), span: field.span, groups, is_open })
}

/// `users.groups.render.members = [ ... ];`
fn of_group(reader: &Reader<'_>, id: Id) -> Vec<NixUser> {
    let owner = reader.owner(id);
    let Some((field, above)) = owner.path.split_last() else { return Vec::new() };
    let Some(Some(group)) = below(&owner, above.len(), &["groups", "extraGroups"]) else { return Vec::new() };
    let (members, is_open) = texts(reader, id);
    let names = members.into_iter().map(Some).chain(is_open.then_some(None));
    names.map(|name| NixUser { name, span: field.span, groups: vec![group.clone()], is_open: false }).collect()
}

/// The name above an attribute where it is one of such a set; the inner one is none where it is computed.
fn below(owner: &Owner, end: usize, sets: &[&str]) -> Option<Option<String>> {
    let name = owner.path.get(end.checked_sub(1)?)?;
    let set = owner.path.get(end.checked_sub(2)?)?;
    let is_computed = name.text == "${}";
    sets.contains(&set.text.as_str()).then(|| (!is_computed).then(|| name.text.clone()))
}

/// The known strings of a list, or the one that a value is; and whether there may be more.
fn texts(reader: &Reader<'_>, id: Id) -> (Vec<String>, bool) {
    let text = |value: &NixValue| match value {
        NixValue::Text(text) => text.known(),
        _ => None,
    };
    match reader.value(id) {
        NixValue::List(items, is_open) => {
            let known: Vec<String> = items.iter().filter_map(|item| text(&item.value)).collect();
            let is_whole = known.len() == items.len();
            (known, is_open || !is_whole)
        }
        value => match text(&value) {
            Some(known) => (vec![known], false),
            None => (Vec::new(), true),
        },
    }
}

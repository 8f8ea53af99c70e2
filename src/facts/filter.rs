use super::Filter;
impl Filter { /// stub
    pub fn apply(&self, _: &str) -> Option<String> { None } }

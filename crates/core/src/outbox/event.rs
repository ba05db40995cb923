use super::registry::Event;
use crate::kernel::words::words;
use serde_json::Value;

words! {
    /// Who follows events. Each has a position of its own in the log.
    pub enum Consumer {
        Dispatcher = "dispatcher",
    }
}

/// A fact to be recorded: ids and primitives only, so that the outbox knows no feature.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub event: Event,
    pub entity_id: i64,
    pub properties: Value,
}

impl NewEvent {
    /// `properties` carries at least what [`super::Entry::required`] names; in debug builds `emit`
    /// refuses less.
    pub const fn new(event: Event, entity_id: i64, properties: Value) -> Self {
        Self {
            event,
            entity_id,
            properties,
        }
    }

    /// Required properties that it lacks.
    pub fn lacking(&self) -> Vec<&'static str> {
        let required = self.event.entry().required.iter();
        required
            .filter(|name| self.properties.get(name).is_none())
            .copied()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_null_is_there_and_what_is_left_out_is_not() {
        let said = json!({ "label_code": "A-1", "reason": null });
        let whole = NewEvent::new(Event::BatchFailed, 1, said);
        assert_eq!(whole.lacking(), Vec::<&str>::new());
        let less = NewEvent::new(Event::BatchFailed, 1, json!({ "reason": "burnt" }));
        assert_eq!(less.lacking(), ["label_code"]);
    }
}

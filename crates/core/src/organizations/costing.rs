//! How an organisation takes stock and where value lives.
use crate::kernel::words::words;

words! {
    /// Which lot is taken first, and where value lives.
    pub enum CostingMethod {
        Fifo = "fifo",
        /// First expired, first out; costs are the lot's own.
        Fefo = "fefo",
        /// Lots hold quantity only; the item's pool holds the value.
        Average = "average",
    }
}

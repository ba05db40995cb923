//! Statements that are prepared once per connection and then only executed.
//!
//! Diesel 2.3 never caches `UPDATE`, upserts or raw SQL: each run is prepare, execute, close. That
//! doubles the round trips of exactly the statements a ledger runs most. A [`Statement`] is SQL
//! with `$1…` under a name of its own, which is all the statement cache needs.
use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::HasSqlType,
};
use std::marker::PhantomData;

/// The text of a statement, and the SQL types of the columns it returns.
pub trait Statement: Send + 'static {
    const SQL: &'static str;
    type Row;
}

/// A statement with its values, ready for `execute` or `load`.
pub struct Prepared<S> {
    binds: Vec<Box<dyn Bind>>,
    statement: PhantomData<fn() -> S>,
}

trait Bind: Send {
    fn push<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

struct Typed<T, U> {
    value: U,
    sql_type: PhantomData<fn() -> T>,
}

impl<T, U> Bind for Typed<T, U>
where
    Pg: HasSqlType<T>,
    U: ToSql<T, Pg> + Send,
{
    fn push<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param_value_only::<T, U>(&self.value)
    }
}

impl<S: Statement> Prepared<S> {
    pub fn new() -> Self {
        Self {
            binds: Vec::new(),
            statement: PhantomData,
        }
    }

    /// The value of the next `$n`, in order.
    pub fn bind<T, U>(mut self, value: U) -> Self
    where
        T: 'static,
        Pg: HasSqlType<T>,
        U: ToSql<T, Pg> + Send + 'static,
    {
        self.binds.push(Box::new(Typed::<T, U> {
            value,
            sql_type: PhantomData,
        }));
        self
    }
}

impl<S: Statement> Default for Prepared<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Statement> QueryFragment<Pg> for Prepared<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(S::SQL);
        self.binds
            .iter()
            .try_for_each(|bind| bind.push(out.reborrow()))
    }
}

impl<S: Statement> QueryId for Prepared<S> {
    type QueryId = S;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<S: Statement> Query for Prepared<S> {
    type SqlType = S::Row;
}

/// Names statements: `statements! { TakeFromLots: "UPDATE …"; FindLots -> (BigInt, Text): "SELECT …" }`.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident $(-> $row:ty)? : $sql:expr;)+) => { $(
        $(#[$doc])*
        struct $name;
        impl $crate::platform::prepared::Statement for $name {
            const SQL: &'static str = $sql;
            type Row = $crate::platform::prepared::row_type!($($row)?);
        }
        impl $name {
            fn prepared() -> $crate::platform::prepared::Prepared<Self> {
                $crate::platform::prepared::Prepared::new()
            }
        }
    )+ };
}

macro_rules! row_type {
    () => {
        ()
    };
    ($row:ty) => {
        $row
    };
}

pub(crate) use {row_type, statements};

//! Looks at addresses at the moment of connecting: a name that was public when its endpoint was saved
//! may lead to our own machines by now.
use batchtrack_core::webhooks::address::Reach;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{io, net::SocketAddr, sync::Arc};

/// How a name becomes addresses. Tests bring one of their own.
pub trait Lookup: Send + Sync + 'static {
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;
}

/// As this machine is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

/// Nothing that a name leads to may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name leads to addresses that are not on the public internet")]
pub struct NotPublic;

/// Gives out only what may be reached. It is asked for every new connection, and its answer is what
/// is connected to, so there is no moment in between.
pub(super) struct Guard {
    pub(super) reach: Arc<Reach>,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, asked) = (
            Arc::clone(&self.reach),
            self.lookup.addresses(name.as_str().to_owned()),
        );
        Box::pin(async move {
            let mut open = asked.await?;
            open.retain(|address| reach.may_reach(address.ip()));
            if open.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

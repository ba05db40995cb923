//! What a dispatcher knows to do.
use super::errand::{Errand, Works};
use batchtrack_core::jobs::Queue;
use batchtrack_dispatcher::work::{Ctx, Registry, Runner};

#[test]
fn unknown_queues_are_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut w = Works::new().await;
        w.t.settings.jobs.queues = vec!["bulk".to_owned(), "bulky".to_owned()];
        let ctx = Ctx::connect(&w.t.settings, w.t.clock.clone())
            .await
            .unwrap();
        let refused =
            Runner::new(w.t.system.clone(), ctx, Registry::default(), &w.t.settings).err();
        let words = refused.unwrap().to_string();
        assert!(
            words.starts_with("DISPATCHER_QUEUES: bulky: must be one of"),
            "{words}"
        );
    });
}

#[test]
#[should_panic(expected = "two kinds of jobs are called test.errand.v1")]
fn a_kind_has_one_meaning() {
    let _ = Registry::default().with::<Errand>().with::<Errand>();
}

#[test]
fn everything_that_comes_round_can_be_done() {
    use batchtrack_dispatcher::{registry, upkeep};
    let known = registry();
    for recurring in upkeep::RECURRING {
        let job = (recurring.job)();
        assert!(known.knows(job.kind()), "{}", job.kind());
        assert_eq!(job.queue(), Queue::Upkeep);
    }
}

use super::*;

fn tenant(number: u32) -> TenantId {
    TenantId::from_u128(u128::from(number) + 1)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const ASK: CachedAnswer = CachedAnswer::Ask {
    known_before: false,
};
const ASK_AGAIN: CachedAnswer = CachedAnswer::Ask { known_before: true };
const FRESH: CachedAnswer = CachedAnswer::Known { due: false };

#[test]
fn answers_last_to_the_second_that_was_chosen() {
    let answers = Answers::new(TenantCacheLimits::default());
    let (known, unknown) = (tenant(1), tenant(2));
    assert_eq!(answers.cached(known, seconds(0)), ASK);
    answers.answered(known, true, seconds(0));
    answers.answered(unknown, false, seconds(0));
    assert_eq!(answers.cached(known, seconds(239)), FRESH);
    assert_eq!(
        answers.cached(known, seconds(240)),
        CachedAnswer::Known { due: true }
    );
    assert_eq!(
        answers.cached(known, seconds(299)),
        CachedAnswer::Known { due: true }
    );
    assert_eq!(answers.cached(known, seconds(300)), ASK_AGAIN);
    assert_eq!(answers.cached(unknown, seconds(29)), CachedAnswer::Unknown);
    assert_eq!(answers.cached(unknown, seconds(30)), ASK);
}

#[test]
fn a_known_tenant_outlives_failures_to_the_hard_limit_and_a_stranger_is_never_denied_by_one() {
    let limits = TenantCacheLimits::default().with_stale_for(seconds(100));
    let answers = Answers::new(limits);
    let (known, unknown) = (tenant(1), tenant(2));
    answers.answered(known, true, seconds(0));
    answers.answered(unknown, false, seconds(0));
    assert_eq!(answers.failed(known, seconds(399)), FRESH);
    assert_eq!(
        answers.failed(known, seconds(400)),
        CachedAnswer::Unreachable(seconds(2))
    );
    assert_eq!(
        answers.failed(unknown, seconds(400)),
        CachedAnswer::Unreachable(seconds(1))
    );
    // A success ends it.
    answers.answered(known, true, seconds(500));
    assert_eq!(answers.failed(known, seconds(799)), FRESH);
    // Between the pauses the registry is asked, also where the answer is old.
    assert_eq!(answers.cached(known, seconds(800)), ASK_AGAIN);
}

#[test]
fn pauses_double_to_half_a_minute() {
    let answers = Answers::new(TenantCacheLimits::default());
    let pauses: Vec<u64> = (0..8)
        .map(|_| match answers.failed(tenant(1), seconds(0)) {
            CachedAnswer::Unreachable(pause) => pause.as_secs(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
    assert_eq!(
        answers.cached(tenant(1), seconds(29)),
        CachedAnswer::Unreachable(seconds(1))
    );
    assert_eq!(answers.cached(tenant(1), seconds(30)), ASK);
}

#[test]
fn strangers_are_bounded_and_take_no_known_tenants_place() {
    let limits = TenantCacheLimits::default().with_tenants(160);
    let answers = Answers::new(limits);
    for number in 0..40 {
        answers.answered(tenant(number), true, seconds(0));
    }
    let before = answers.counts().0;
    for number in 1000..101_000 {
        if number % 2 == 0 {
            answers.answered(tenant(number), false, seconds(0));
        } else {
            answers.failed(tenant(number), seconds(0));
        }
    }
    let (known, others) = answers.counts();
    assert_eq!(known, before);
    assert!(others <= 160, "{others}");
    for number in 1000..101_000 {
        answers.answered(tenant(number), true, seconds(0));
    }
    assert!(answers.counts().0 <= 160);
}

#[test]
fn what_is_used_between_two_generations_stays() {
    let answers = Answers::new(TenantCacheLimits::default().with_tenants(160));
    answers.answered(tenant(0), true, seconds(0));
    for number in 1..5000 {
        answers.answered(tenant(number), true, seconds(0));
        assert_eq!(answers.cached(tenant(0), seconds(1)), FRESH, "{number}");
    }
}

#[test]
fn a_change_of_mind_leaves_one_answer() {
    let answers = Answers::new(TenantCacheLimits::default());
    for known in [true, false, true] {
        answers.answered(tenant(0), known, seconds(0));
        let expected = if known { FRESH } else { CachedAnswer::Unknown };
        assert_eq!(answers.cached(tenant(0), seconds(1)), expected);
        let (known, others) = answers.counts();
        assert_eq!(known + others, 1);
    }
    answers.forget(tenant(0));
    assert_eq!(answers.counts(), (0, 0));
}

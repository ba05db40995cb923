// Written by `make schema` from the migrations.

diesel::table! {
    account_codes (ticket_hash) {
        ticket_hash -> Bytea,
        user_id -> Int8,
        purpose -> Text,
        code_hash -> Bytea,
        tries -> Int2,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    account_limits (kind, subject) {
        kind -> Text,
        subject -> Bytea,
        at -> Array<Timestamptz>,
        latest_at -> Timestamptz,
    }
}

diesel::table! {
    account_links (token_hash) {
        token_hash -> Bytea,
        user_id -> Int8,
        purpose -> Text,
        email -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    account_passkeys (id) {
        id -> Int8,
        user_id -> Int8,
        credential_id -> Bytea,
        user_handle -> Bytea,
        name -> Text,
        credential -> Jsonb,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    account_recovery_codes (user_id, code_hash) {
        user_id -> Int8,
        code_hash -> Bytea,
    }
}

diesel::table! {
    account_totp (user_id) {
        user_id -> Int8,
        sealed_secret -> Bytea,
        last_step -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    addons (key) {
        key -> Text,
        name -> Text,
        summary -> Text,
        permission -> Nullable<Text>,
        function_key -> Nullable<Text>,
        billing -> Text,
        stripe_lookup_key -> Nullable<Text>,
        is_active -> Bool,
    }
}

diesel::table! {
    api_tokens (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        user_id -> Nullable<Int8>,
        name -> Text,
        prefix -> Text,
        hash -> Bytea,
        scopes -> Array<Text>,
        created_by -> Int8,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_entries (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        at -> Timestamptz,
        user_id -> Nullable<Int8>,
        actor -> Text,
        operator_id -> Nullable<Int8>,
        reason -> Nullable<Text>,
        act -> Text,
        subject -> Text,
        subject_id -> Nullable<Int8>,
        details -> Jsonb,
        client -> Nullable<Text>,
        correlation_id -> Text,
    }
}

diesel::table! {
    batch_label_counters (organization_id, year) {
        organization_id -> Int8,
        year -> Int4,
        last_number -> Int4,
    }
}

diesel::table! {
    batch_lines (organization_id, batch_id, position) {
        organization_id -> Int8,
        batch_id -> Int8,
        position -> Int4,
        kind -> Text,
        item_id -> Int8,
        item_name -> Text,
        amount -> Int8,
        unit -> Text,
        quantity -> Int8,
        value -> Int8,
        is_skipped -> Bool,
    }
}

diesel::table! {
    batch_outputs (organization_id, batch_id, lot_id) {
        organization_id -> Int8,
        batch_id -> Int8,
        action_id -> Int8,
        item_id -> Int8,
        lot_id -> Int8,
        quantity -> Int8,
        value -> Int8,
    }
}

diesel::table! {
    batches (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        label -> Text,
        recipe_id -> Int8,
        recipe_name -> Text,
        status -> Text,
        batch_type -> Text,
        scale -> Int8,
        projected_yield -> Int8,
        yield_unit -> Text,
        final_quantity -> Nullable<Int8>,
        final_unit -> Nullable<Text>,
        notes -> Text,
        status_reason -> Text,
        input_value -> Int8,
        output_value -> Int8,
        lost_value -> Int8,
        started_at -> Timestamptz,
        started_by -> Nullable<Int8>,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    daily_tables (name) {
        name -> Text,
    }
}

diesel::table! {
    device_sign_ins (id) {
        id -> Int8,
        user_id -> Int8,
        organization_id -> Nullable<Int8>,
        nonce -> Bytea,
        session_epoch -> Int4,
        generation -> Int4,
        device -> Text,
        address -> Text,
        begun_at -> Timestamptz,
        renewed_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    domain_events (organization_id, id, recorded_at) {
        organization_id -> Int8,
        id -> Int8,
        recorded_at -> Timestamptz,
        xid -> Int8,
        event_name -> Text,
        schema_version -> Int2,
        occurred_at -> Timestamptz,
        user_id -> Nullable<Int8>,
        entity_type -> Text,
        entity_id -> Int8,
        correlation_id -> Text,
        traceparent -> Nullable<Text>,
        source -> Text,
        properties -> Jsonb,
    }
}

diesel::table! {
    feature_flags (key) {
        key -> Text,
        description -> Text,
        is_on -> Bool,
    }
}

diesel::table! {
    global_items (id) {
        id -> Int8,
        name -> Text,
        item_type -> Text,
        category_id -> Nullable<Int8>,
        default_unit -> Text,
        density -> Nullable<Int8>,
        inci_name -> Nullable<Text>,
        cas_number -> Nullable<Text>,
        shelf_life_days -> Nullable<Int4>,
        aliases -> Text,
        capacity -> Nullable<Int8>,
        capacity_unit -> Nullable<Text>,
        container_material -> Nullable<Text>,
        container_type -> Nullable<Text>,
        container_style -> Nullable<Text>,
        container_color -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (organization_id, user_id, key) {
        organization_id -> Int8,
        user_id -> Int8,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        location -> Nullable<Text>,
        body -> Nullable<Jsonb>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    imports (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        kind -> Text,
        file_name -> Text,
        row_count -> Int4,
        created_item_ids -> Array<Int8>,
        created_at -> Timestamptz,
        created_by -> Nullable<Int8>,
        undone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    ingredient_categories (id) {
        id -> Int8,
        name -> Text,
        default_density -> Nullable<Int8>,
    }
}

diesel::table! {
    inventory_actions (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        kind -> Text,
        effective_at -> Timestamptz,
        recorded_at -> Timestamptz,
        recorded_by -> Nullable<Int8>,
        reverses_id -> Nullable<Int8>,
        batch_id -> Nullable<Int8>,
        import_id -> Nullable<Int8>,
        note -> Text,
        customer -> Nullable<Text>,
        order_number -> Nullable<Text>,
        price -> Nullable<Int8>,
    }
}

diesel::table! {
    inventory_items (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        name -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        dimension -> Text,
        unit -> Text,
        density -> Nullable<Int8>,
        category_id -> Nullable<Int8>,
        global_item_id -> Nullable<Int8>,
        shelf_life_days -> Nullable<Int4>,
        low_stock_threshold -> Nullable<Int8>,
        is_intermediate -> Bool,
        capacity -> Nullable<Int8>,
        capacity_unit -> Nullable<Text>,
        notes -> Text,
        quantity -> Int8,
        value -> Int8,
        is_pooled -> Bool,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        created_by -> Nullable<Int8>,
        name_key -> Text,
        is_low -> Bool,
        percent_left -> Nullable<Int2>,
        short_stock -> Nullable<Int8>,
        has_stock -> Bool,
    }
}

diesel::table! {
    inventory_lot_expiries (organization_id, lot_id, expires_at) {
        organization_id -> Int8,
        lot_id -> Int8,
        expires_at -> Timestamptz,
        announced_at -> Timestamptz,
    }
}

diesel::table! {
    inventory_lots (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        item_id -> Int8,
        code -> Text,
        received_quantity -> Int8,
        received_value -> Int8,
        quantity -> Int8,
        value -> Int8,
        received_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        supplier -> Nullable<Text>,
        action_id -> Int8,
        batch_id -> Nullable<Int8>,
        has_stock -> Bool,
    }
}

diesel::table! {
    inventory_movements (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        action_id -> Int8,
        item_id -> Int8,
        lot_id -> Int8,
        quantity -> Int8,
        value -> Int8,
        effective_at -> Timestamptz,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    inventory_sums (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        #[sql_name = "type"]
        type_ -> Text,
        items -> Int8,
        low -> Int8,
        value -> Numeric,
    }
}

diesel::table! {
    invitation_roles (organization_id, invitation_id, role_id) {
        organization_id -> Int8,
        invitation_id -> Int8,
        role_id -> Int8,
    }
}

diesel::table! {
    invitations (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        email -> Text,
        token_hash -> Bytea,
        state -> Text,
        invited_by -> Nullable<Int8>,
        inviter -> Text,
        created_at -> Timestamptz,
        sent_at -> Timestamptz,
        letters -> Int4,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        accepted_by -> Nullable<Int8>,
    }
}

diesel::table! {
    job_minutes (queue, minute) {
        queue -> Text,
        minute -> Timestamptz,
        done -> Int8,
        failed -> Int8,
        put_off -> Int8,
        waiting -> Int8,
    }
}

diesel::table! {
    job_recurrences (kind) {
        kind -> Text,
        slot -> Timestamptz,
    }
}

diesel::table! {
    job_workers (id) {
        id -> Int8,
        host -> Text,
        pid -> Int4,
        queues -> Array<Text>,
        started_at -> Timestamptz,
        heartbeat_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Int8,
        place -> Int8,
        queue -> Text,
        kind -> Text,
        organization_id -> Nullable<Int8>,
        args -> Jsonb,
        lane -> Nullable<Text>,
        unique_key -> Nullable<Text>,
        correlation_id -> Text,
        traceparent -> Nullable<Text>,
        enqueued_at -> Timestamptz,
        available_at -> Timestamptz,
        attempt -> Int4,
        failures -> Int4,
        suspect -> Bool,
        worker_id -> Nullable<Int8>,
        claimed_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    jobs_dead (id) {
        id -> Int8,
        died_at -> Timestamptz,
        queue -> Text,
        kind -> Text,
        organization_id -> Nullable<Int8>,
        args -> Jsonb,
        lane -> Nullable<Text>,
        unique_key -> Nullable<Text>,
        correlation_id -> Text,
        traceparent -> Nullable<Text>,
        enqueued_at -> Timestamptz,
        attempt -> Int4,
        failures -> Int4,
        last_error -> Text,
    }
}

diesel::table! {
    jobs_delayed (id) {
        id -> Int8,
        run_at -> Timestamptz,
        queue -> Text,
        kind -> Text,
        organization_id -> Nullable<Int8>,
        args -> Jsonb,
        lane -> Nullable<Text>,
        unique_key -> Nullable<Text>,
        correlation_id -> Text,
        traceparent -> Nullable<Text>,
        enqueued_at -> Timestamptz,
        attempt -> Int4,
        failures -> Int4,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    mail_digests (organization_id, kind) {
        organization_id -> Int8,
        kind -> Text,
        sent_at -> Timestamptz,
    }
}

diesel::table! {
    mail_letters (job_id) {
        job_id -> Int8,
        kind -> Text,
        organization_id -> Nullable<Int8>,
        user_id -> Nullable<Int8>,
        address -> Text,
        outcome -> Text,
        remark -> Text,
        settled_at -> Timestamptz,
    }
}

diesel::table! {
    mail_preferences (user_id, kind) {
        user_id -> Int8,
        kind -> Text,
        wanted -> Bool,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    mail_suppressions (address) {
        address -> Text,
        reason -> Text,
        said -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    member_roles (organization_id, user_id, role_id) {
        organization_id -> Int8,
        user_id -> Int8,
        role_id -> Int8,
    }
}

diesel::table! {
    memberships (organization_id, user_id) {
        organization_id -> Int8,
        user_id -> Int8,
        role -> Text,
        is_active -> Bool,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    operator_audit (id) {
        id -> Int8,
        at -> Timestamptz,
        user_id -> Nullable<Int8>,
        actor -> Text,
        act -> Text,
        subject -> Text,
        how_many -> Int8,
        correlation_id -> Text,
        organization_id -> Nullable<Int8>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    operator_hook_failures (organization_id, event_id, recorded_at) {
        organization_id -> Int8,
        event_id -> Int8,
        recorded_at -> Timestamptz,
        error -> Text,
        failed_at -> Timestamptz,
        attempts -> Int4,
    }
}

diesel::table! {
    operator_stays (id) {
        id -> Int8,
        operator_id -> Int8,
        organization_id -> Int8,
        reason -> Text,
        begun_at -> Timestamptz,
        ends_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    organization_addons (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        addon -> Text,
        is_active -> Bool,
        ends_at -> Nullable<Timestamptz>,
        stripe_item_id -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    organization_flags (organization_id, flag) {
        organization_id -> Int8,
        flag -> Text,
        is_on -> Bool,
    }
}

diesel::table! {
    organizations (id) {
        id -> Int8,
        name -> Text,
        contact_email -> Nullable<Text>,
        currency -> Text,
        costing_method -> Text,
        is_active -> Bool,
        created_at -> Timestamptz,
        tier -> Text,
        access_version -> Int8,
        single_session -> Bool,
        api_origins -> Array<Text>,
        suspended_for -> Nullable<Text>,
    }
}

diesel::table! {
    outbox_positions (consumer, id) {
        consumer -> Text,
        id -> Int8,
        taken_at -> Timestamptz,
        cluster -> Int8,
        done -> Text,
        upto -> Nullable<Text>,
        after_xid -> Int8,
        after_id -> Int8,
    }
}

diesel::table! {
    product_categories (id) {
        id -> Int8,
        name -> Text,
        is_typically_portioned -> Bool,
    }
}

diesel::table! {
    product_skus (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        product_id -> Int8,
        variant_id -> Int8,
        item_id -> Int8,
        size_label -> Text,
        code -> Text,
        retail_price -> Nullable<Int8>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    product_variants (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        product_id -> Int8,
        name -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    products (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        name -> Text,
        category_id -> Int8,
        is_discontinued -> Bool,
        created_at -> Timestamptz,
        created_by -> Nullable<Int8>,
        name_key -> Text,
    }
}

diesel::table! {
    recipe_groups (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        name -> Text,
        prefix -> Text,
        created_at -> Timestamptz,
        name_key -> Text,
    }
}

diesel::table! {
    recipe_lines (organization_id, recipe_id, position) {
        organization_id -> Int8,
        recipe_id -> Int8,
        position -> Int4,
        kind -> Text,
        item_id -> Int8,
        amount -> Int8,
        unit -> Text,
    }
}

diesel::table! {
    recipes (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        group_id -> Int8,
        version_number -> Int4,
        is_current -> Bool,
        name -> Text,
        status -> Text,
        instructions -> Text,
        category_id -> Int8,
        yield_amount -> Int8,
        yield_unit -> Text,
        import_id -> Nullable<Int8>,
        archived_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        created_by -> Nullable<Int8>,
        name_key -> Text,
    }
}

diesel::table! {
    roles (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        name -> Text,
        description -> Text,
        system_key -> Nullable<Text>,
        permissions -> Array<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    stock_notices (organization_id, kind, subject_id) {
        organization_id -> Int8,
        kind -> Text,
        subject_id -> Int8,
        told_at -> Timestamptz,
    }
}

diesel::table! {
    tier_addons (tier, addon) {
        tier -> Text,
        addon -> Text,
        is_included -> Bool,
    }
}

diesel::table! {
    tiers (key) {
        key -> Text,
        name -> Text,
        summary -> Text,
        provider -> Text,
        stripe_lookup_key -> Nullable<Text>,
        is_public -> Bool,
        position -> Int4,
        permissions -> Nullable<Array<Text>>,
        user_limit -> Nullable<Int4>,
        recipe_limit -> Nullable<Int4>,
        product_limit -> Nullable<Int4>,
        monthly_batch_limit -> Nullable<Int4>,
        monthly_api_request_limit -> Nullable<Int4>,
        source_limit -> Nullable<Int4>,
        daily_source_event_limit -> Nullable<Int4>,
        retention_days -> Nullable<Int4>,
        retention_notice_days -> Int4,
        version -> Int8,
    }
}

diesel::table! {
    usage_counters (organization_id, event_name, user_id) {
        organization_id -> Int8,
        event_name -> Text,
        user_id -> Int8,
        used -> Int8,
        first_at -> Timestamptz,
    }
}

diesel::table! {
    users (id) {
        id -> Int8,
        username -> Text,
        email -> Text,
        password_hash -> Text,
        first_name -> Text,
        last_name -> Text,
        timezone -> Text,
        is_active -> Bool,
        created_at -> Timestamptz,
        last_login_at -> Nullable<Timestamptz>,
        is_operator -> Bool,
        session_epoch -> Int4,
        email_verified_at -> Nullable<Timestamptz>,
        second_factor -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_attempts (organization_id, delivery_id, number, started_at) {
        organization_id -> Int8,
        delivery_id -> Int8,
        number -> Int4,
        started_at -> Timestamptz,
        duration_us -> Int8,
        url -> Text,
        request_headers -> Jsonb,
        status -> Nullable<Int4>,
        answer_headers -> Nullable<Jsonb>,
        answer_body -> Nullable<Text>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_deliveries (organization_id, id, created_at) {
        organization_id -> Int8,
        id -> Int8,
        created_at -> Timestamptz,
        endpoint_id -> Int8,
        event_id -> Nullable<Int8>,
        event_recorded_at -> Nullable<Timestamptz>,
        event_name -> Text,
        message_id -> Text,
        cause -> Text,
        state -> Text,
        attempts -> Int4,
        next_attempt_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        last_status -> Nullable<Int4>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_endpoints (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        url -> Text,
        description -> Text,
        events -> Array<Text>,
        state -> Text,
        disabled_reason -> Nullable<Text>,
        disabled_at -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>,
        last_failed_at -> Nullable<Timestamptz>,
        last_delivered_at -> Nullable<Timestamptz>,
        throttled_until -> Nullable<Timestamptz>,
        created_by -> Nullable<Int8>,
        created_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    webhook_replays (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        endpoint_id -> Nullable<Int8>,
        event_name -> Nullable<Text>,
        from_at -> Timestamptz,
        to_at -> Timestamptz,
        only_unmet -> Bool,
        created_by -> Nullable<Int8>,
        created_at -> Timestamptz,
        after_id -> Int8,
        planned -> Int8,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    webhook_secrets (organization_id, id) {
        organization_id -> Int8,
        id -> Int8,
        endpoint_id -> Int8,
        sealed -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account_codes,
    account_limits,
    account_links,
    account_passkeys,
    account_recovery_codes,
    account_totp,
    addons,
    api_tokens,
    audit_entries,
    batch_label_counters,
    batch_lines,
    batch_outputs,
    batches,
    daily_tables,
    device_sign_ins,
    domain_events,
    feature_flags,
    global_items,
    idempotency_keys,
    imports,
    ingredient_categories,
    inventory_actions,
    inventory_items,
    inventory_lot_expiries,
    inventory_lots,
    inventory_movements,
    inventory_sums,
    invitation_roles,
    invitations,
    job_minutes,
    job_recurrences,
    job_workers,
    jobs,
    jobs_dead,
    jobs_delayed,
    mail_digests,
    mail_letters,
    mail_preferences,
    mail_suppressions,
    member_roles,
    memberships,
    operator_audit,
    operator_hook_failures,
    operator_stays,
    organization_addons,
    organization_flags,
    organizations,
    outbox_positions,
    product_categories,
    product_skus,
    product_variants,
    products,
    recipe_groups,
    recipe_lines,
    recipes,
    roles,
    stock_notices,
    tier_addons,
    tiers,
    usage_counters,
    users,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_replays,
    webhook_secrets,
);

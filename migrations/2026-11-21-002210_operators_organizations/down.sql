DROP TABLE organization_flags;
DROP TABLE feature_flags;
DROP INDEX organizations_name_search;
ALTER TABLE organizations DROP COLUMN suspended_for;
DROP TABLE operator_stays;
DROP INDEX operator_audit_organization;
DROP POLICY acting ON operator_audit;
REVOKE INSERT ON operator_audit FROM batchtrack_app;
ALTER TABLE operator_audit DISABLE TRIGGER append_only;
DELETE FROM operator_audit WHERE act LIKE 'organizations.%' OR act IN ('flags.changed', 'tiers.changed');
ALTER TABLE operator_audit ENABLE TRIGGER append_only;
ALTER TABLE operator_audit
    DROP CONSTRAINT operator_audit_act,
    ADD CONSTRAINT operator_audit_act CHECK (act IN ('operator.added', 'operator.removed', 'jobs.retried',
        'jobs.discarded', 'events.replayed', 'mail.suppression_lifted')),
    DROP COLUMN organization_id,
    DROP COLUMN reason;
